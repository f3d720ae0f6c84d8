"""Every rule of work permission is hit by a case, and just missed by one."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from eligibility import evaluate
from eligibility.engine import _look
from eligibility.load import load_topic
from eligibility.periods import MARGIN
from eligibility.table import compile_day
from eligibility.values import known

CASES = Path(__file__).parent / "cases" / "work_permission"
TOPIC = load_topic("work_permission")
RULES = [r.id for r in (*TOPIC.rules, *TOPIC.objections)]


@cache
def seen() -> tuple[frozenset[str], frozenset[str]]:
    """Return the rules hit by a case, and those that a case misses by one condition alone (or by the day)."""
    hit: set[str] = set()
    near: set[str] = set()
    for path in CASES.glob("*.yml"):
        for case in yaml.safe_load(path.read_text(encoding="utf-8")):
            finding = evaluate("work_permission", case["facts"], case["as_of"])
            hit.update(filter(None, (finding.rule, *finding.extra.get("also", ()))))  # type: ignore[misc]
            near.update(_missed_by_one(case["facts"], case["as_of"]))
    return frozenset(hit), frozenset(near)


def _missed_by_one(facts: dict[str, Any], on: date) -> set[str]:
    missed = set()
    days = {on, *(d for d in TOPIC.breakpoints() if abs((d - on).days) <= 400)}
    for day in days:
        if any(isinstance(v, date) and v > day for v in facts.values()):
            continue
        person, _ = _look(TOPIC, known(facts, day), MARGIN)
        table = compile_day(TOPIC, day)
        for row in (*table.rows, *table.objections):
            fails = [d for d, mask in row.cuts if not person.seen[d].mask & mask]
            if (day == on and len(fails) == 1) or (day != on and not fails and not row.rule.valid(on)):
                missed.add(row.rule.id)
    return missed


@pytest.mark.parametrize("rule", RULES)
def test_a_case_hits_the_rule(rule: str) -> None:
    assert rule in seen()[0]


@pytest.mark.parametrize("rule", RULES)
def test_a_case_just_misses_the_rule(rule: str) -> None:
    assert rule in seen()[1]
