"""Benefits, status changes, child benefit, recognition and papers: every rule has cases, and what must always hold."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from eligibility import FactError, calendar, evaluate, facts_schema
from eligibility.engine import _look
from eligibility.load import load_table, load_topic
from eligibility.periods import MARGIN, Duration, complete_on, parse_duration
from eligibility.table import compile_day
from eligibility.values import known

ROOT = Path(__file__).parents[2]
CASES = Path(__file__).parent / "cases"
TOPICS = ("benefits", "transition", "child_benefit", "recognition", "documents")
# A rule without any condition cannot be missed by one condition.
UNCONDITIONAL = {"recognition_open_to_all"}
FACTS = [
    "residence_status", "nationality", "in_reception_centre", "entered_on", "status_since", "procedure_state",
    "decision_notified_on", "title_issued_on", "removal_suspended_since", "lawful_since", "age", "employed",
    "benefit", "minor_children", "lives_with_partner", "other_member_state", "procedure", "profession", "activity",
]  # fmt: skip


@cache
def seen(name: str) -> tuple[frozenset[str], frozenset[str]]:
    """Return the rules that decide a case, and those that a case misses by one condition (or by the day) alone."""
    topic = load_topic(name)
    hit: set[str] = set()
    near: set[str] = set()
    for path in (CASES / name).glob("*.yml"):
        for case in yaml.safe_load(path.read_text(encoding="utf-8")):
            finding = evaluate(name, case["facts"], case["as_of"])
            hit.update(filter(None, (finding.rule,)))
            for day in {case["as_of"], *(d for d in topic.breakpoints() if abs((d - case["as_of"]).days) <= 400)}:
                near.update(_just_missed(name, case["facts"], case["as_of"], day))
    return frozenset(hit), frozenset(near)


def _just_missed(name: str, facts: dict[str, Any], on: date, day: date) -> set[str]:
    if any(isinstance(value, date) and value > day for value in facts.values()):
        return set()
    topic = load_topic(name)
    person, _ = _look(topic, known(facts, day), MARGIN)
    table = compile_day(topic, day)
    missed = set()
    for row in (*table.rows, *table.objections):
        fails = sum(not person.seen[d].mask & mask for d, mask in row.cuts)
        if (day == on and fails == 1) or (day != on and not fails and not row.rule.valid(on)):
            missed.add(row.rule.id)
    return missed


def _rules() -> list[tuple[str, str]]:
    return [(name, r.id) for name in TOPICS for r in (*load_topic(name).rules, *load_topic(name).objections)]


@pytest.mark.parametrize(("topic", "rule"), _rules())
def test_a_case_hits_the_rule_and_one_just_misses_it(topic: str, rule: str) -> None:
    hit, near = seen(topic)
    assert rule in hit
    assert rule in near or rule in UNCONDITIONAL


# --- calendar months -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "count", "day"),
    [
        (date(2026, 3, 10), 1, date(2026, 4, 1)),
        (date(2026, 3, 1), 1, date(2026, 4, 1)),
        (date(2026, 3, 31), 1, date(2026, 4, 1)),
        (date(2025, 12, 15), 1, date(2026, 1, 1)),
        (date(2026, 3, 10), 2, date(2026, 5, 1)),
        (date(2022, 12, 1), 19, date(2024, 7, 1)),
    ],
)
def test_a_calendar_month_is_complete_on_the_first_of_the_next(start: date, count: int, day: date) -> None:
    assert complete_on(start, Duration(0, 0, count)) == day


def test_calendar_months_are_read_and_written() -> None:
    assert parse_duration("1 calendar month") == Duration(0, 0, 1)
    assert str(parse_duration("2 calendar months")) == "2 calendar months"
    assert parse_duration("18 months").length < parse_duration("19 calendar months").length < 19 * 30.44


@given(st.dates(date(2010, 1, 1), date(2030, 12, 31)), st.integers(1, 30))
def test_calendar_months_end_between_one_full_month_less_and_as_many(start: date, count: int) -> None:
    by_calendar = complete_on(start, Duration(0, 0, count))
    assert by_calendar.day == 1
    # equal on the left where the day does not exist: 31.01. and one month is 01.03. (§ 188 Abs. 3 BGB)
    assert complete_on(start, Duration(count - 1, 0)) <= by_calendar <= complete_on(start, Duration(count, 0))


# --- what must hold for everybody --------------------------------------------------------------------------------------


@st.composite
def people(draw: st.DrawFn) -> tuple[date, dict[str, Any], str, Any]:
    """Return a day, some facts, and one more fact."""
    on = draw(st.dates(date(2015, 1, 1), date(2027, 12, 31)))
    names = draw(st.lists(st.sampled_from(FACTS), unique=True, min_size=1, max_size=7))
    facts = {name: _value(draw, name, on) for name in names}
    return on, {n: v for n, v in facts.items() if n != names[-1]}, names[-1], facts[names[-1]]


def _value(draw: st.DrawFn, name: str, on: date) -> Any:
    spec = facts_schema()[name]
    if spec.kind == "date":
        return on - timedelta(days=draw(st.integers(0, 1500)))
    if spec.kind == "bool":
        return draw(st.booleans())
    if spec.kind == "country":
        return draw(st.sampled_from(["SY", "TR", "PL", "UA", "AF", "RS"]))
    if spec.kind == "number":
        return draw(st.sampled_from([7, 14, 15, 30, 64, 65, 67, 80]))
    return draw(st.sampled_from(spec.values))


@settings(max_examples=150, deadline=None)
@given(people(), st.sampled_from(TOPICS))
def test_one_fact_more_never_turns_an_answer_unless_the_finding_named_its_assumption(
    person: tuple[date, dict[str, Any], str, Any], topic: str
) -> None:
    on, facts, name, value = person
    try:
        before, after = evaluate(topic, facts, on), evaluate(topic, {**facts, name: value}, on)
    except FactError:
        return  # facts that contradict each other
    if {before.outcome, after.outcome} & {None, "staff"} or "assumed" in before.extra:
        return
    assert before.outcome == after.outcome, (facts, name, value)
    assert before.from_ in (None, after.from_)


@settings(max_examples=100, deadline=None)
@given(people(), st.sampled_from(TOPICS))
def test_an_answer_has_a_reason_and_a_paragraph_of_its_day(
    person: tuple[date, dict[str, Any], str, Any], topic: str
) -> None:
    on, facts, _, _ = person
    try:
        finding = evaluate(topic, facts, on)
    except FactError:
        return
    if finding.outcome is None:
        assert finding.next_question in finding.missing
        assert finding.next_question not in facts
        return
    assert finding.reasons
    assert finding.citations or finding.outcome == "staff"
    assert all(c.valid_from <= on and (c.valid_to is None or on <= c.valid_to) for c in finding.citations)
    if on > date(2026, 8, 19) and finding.citations:
        assert "unverified_since" in finding.caution


@settings(max_examples=60, deadline=None)
@given(people())
def test_a_letter_never_brings_money_before_the_month_after_it(person: tuple[date, dict[str, Any], str, Any]) -> None:
    on, facts, _, _ = person
    try:
        finding = evaluate("transition", facts, on)
    except FactError:
        return
    apply_by = finding.extra.get("apply_by")
    if finding.outcome == "claim" and finding.from_ and isinstance(apply_by, date):
        assert finding.from_.day == 1
        assert on + timedelta(days=3) <= apply_by
        assert apply_by == complete_on(finding.from_, Duration(1, 0)) - timedelta(days=1)


# --- tables, lists, outlook ----------------------------------------------------------------------------------------------


def test_every_paper_of_a_checklist_is_known_to_the_counter() -> None:
    words = yaml.safe_load((ROOT / "locales" / "responses" / "documents.yml").read_text(encoding="utf-8"))
    used = {paper for rule in load_topic("documents").rules for paper in rule.extra.get("papers", ())}
    assert used
    assert [paper for paper in sorted(used) if f"document.{paper}" not in words] == []


@pytest.mark.parametrize("day", [date(2015, 1, 1), date(2022, 12, 31), date(2023, 1, 1), date(2026, 7, 1)])
def test_the_benefit_of_the_jobcenter_has_exactly_one_name_a_day(day: date) -> None:
    assert sum(row.valid(day) for row in load_table("jobcenter_benefit_name")) == 1


def test_the_calendar_tells_when_eighteen_months_bring_the_jobcenter() -> None:
    facts = {"residence_status": "ae_25_5", "removal_suspended_since": date(2023, 6, 1)}
    changes = calendar("benefits", facts, date(2024, 6, 1))
    # 01.06.2023 + 18 months = 01.12.2024, to the end of that month
    assert [(c.on, c.outcome) for c in changes] == [(date(2025, 1, 1), "sgb2")]


def test_the_calendar_tells_the_change_of_the_law_for_temporary_protection() -> None:
    changes = calendar("benefits", {"residence_status": "ae_24"}, date(2022, 5, 1), years=1)
    assert [(c.kind, c.on, c.outcome) for c in changes] == [("law", date(2022, 6, 1), "sgb2")]


def test_the_command_names_the_office_and_the_papers_beside_the_outcome() -> None:
    on = date(2024, 6, 1)
    assert evaluate("benefits", {"residence_status": "duldung"}, on).to_json()["office"] == "sozialamt"
    assert (
        evaluate("documents", {"procedure": "child_benefit"}, on).to_json()["papers"][0] == "child_benefit_application"
    )
    assert "office" not in evaluate("benefits", {}, on).to_json()
