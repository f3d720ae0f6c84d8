"""Every rule on courses, training, tolerations and moving is hit by a case, and just missed by one."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path

import pytest
import yaml

from eligibility import evaluate
from eligibility.engine import _look
from eligibility.load import load_topic
from eligibility.periods import MARGIN
from eligibility.table import compile_day
from eligibility.values import known

CASES = Path(__file__).parent / "cases"
TOPICS = (
    "integration_course",
    "vocational_language_course",
    "training_support",
    "training_toleration",
    "employment_toleration",
    "residence_obligation",
)
RULES = [(t, r.id) for t in TOPICS for r in (*load_topic(t).rules, *load_topic(t).objections)]


@cache
def seen(name: str) -> tuple[frozenset[str], frozenset[str]]:
    """Return the rules of a topic that a case hits, and those it misses by one condition alone (or by the day)."""
    topic = load_topic(name)
    hit: set[str] = set()
    near: set[str] = set()
    for path in (CASES / name).glob("*.yml"):
        for case in yaml.safe_load(path.read_text(encoding="utf-8")):
            facts, on = case["facts"], case["as_of"]
            finding = evaluate(name, facts, on)
            hit.update(filter(None, (finding.rule, *finding.extra.get("also", ()))))  # type: ignore[misc]
            for day in {on, *(d for d in topic.breakpoints() if abs((d - on).days) <= 400)}:
                if any(isinstance(v, date) and v > day for v in facts.values()):
                    continue
                person, _ = _look(topic, known(facts, day), MARGIN)
                table = compile_day(topic, day)
                for row in (*table.rows, *table.objections):
                    fails = [d for d, mask in row.cuts if not person.seen[d].mask & mask]
                    if (day == on and len(fails) == 1) or (day != on and not fails and not row.rule.valid(on)):
                        near.add(row.rule.id)
    return frozenset(hit), frozenset(near)


@pytest.mark.parametrize(("topic", "rule"), RULES)
def test_a_case_hits_the_rule(topic: str, rule: str) -> None:
    assert rule in seen(topic)[0]


@pytest.mark.parametrize(("topic", "rule"), RULES)
def test_a_case_just_misses_the_rule(topic: str, rule: str) -> None:
    assert rule in seen(topic)[1]
