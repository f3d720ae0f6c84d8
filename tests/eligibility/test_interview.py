"""The interview: cheapest first, only what can still matter, few questions."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from statistics import median
from typing import Any

import yaml

from eligibility import Finding, drop_dependents, evaluate, facts_schema, next_question

CASES = Path(__file__).parent / "cases" / "work_permission"
DUTY = {"residence_status": "duldung", "activity": "employment", "permit_note": "employment_with_permit"}


def questions(facts: dict[str, Any], on: date) -> list[str]:
    """Return what the interview asks of a person who knows the facts of a case and nothing else."""
    told: dict[str, Any] = {}
    asked: list[str] = []
    while (question := next_question("work_permission", told, on)) is not None:
        asked.append(question.fact)
        told[question.fact] = facts.get(question.fact, "unknown")
    return asked


def answer(finding: Finding) -> tuple[object, ...]:
    return finding.outcome, finding.strength, finding.from_


def test_seven_questions_are_enough_in_the_median() -> None:
    counts = [
        len(questions(case["facts"], case["as_of"]))
        for path in CASES.glob("*.yml")
        for case in yaml.safe_load(path.read_text(encoding="utf-8"))
    ]
    assert median(counts) <= 7
    assert max(counts) <= 13


def test_a_free_title_ends_the_interview_after_one_question() -> None:
    assert questions({"residence_status": "ae_25_2_refugee"}, date(2024, 7, 1)) == ["residence_status"]


def test_questions_come_in_the_order_of_their_cost() -> None:
    missing = evaluate("work_permission", {"residence_status": "duldung"}, date(2024, 7, 1)).missing
    costs = [facts_schema()[name].cost for name in missing]
    assert costs == sorted(costs)


def test_steps_of_removal_are_never_asked_but_always_a_caution() -> None:
    assert not [name for name in facts_schema() if "removal_step" in name]
    facts = {**DUTY, "status_since": "2023-11-01", "entered_on": "2023-10-01", "in_reception_centre": False}
    facts |= {"identity_remark": False, "work_ban_60a6": False}
    finding = evaluate("work_permission", facts, date(2024, 7, 1))
    assert finding.outcome == "permit_with_consent"
    assert "only_a_counsellor_checks_removal_steps" in finding.caution


def test_a_question_comes_with_its_reason() -> None:
    question = next_question("work_permission", DUTY, date(2024, 7, 1))
    assert question is not None
    assert (question.fact, question.because) == ("in_reception_centre", "why_in_reception_centre")


def test_every_yes_or_no_question_can_change_the_answer() -> None:
    """Forget one yes/no fact of a case; if only that is asked then, its two answers differ."""
    tried = 0
    for path in CASES.glob("*.yml"):
        for case in yaml.safe_load(path.read_text(encoding="utf-8")):
            for name in [n for n, v in case["facts"].items() if isinstance(v, bool)]:
                less = {n: v for n, v in case["facts"].items() if n != name}
                if evaluate("work_permission", less, case["as_of"]).missing == (name,):
                    both = [evaluate("work_permission", {**less, name: v}, case["as_of"]) for v in (True, False)]
                    assert answer(both[0]) != answer(both[1])
                    tried += 1
    assert tried >= 15


def test_another_paper_drops_the_answers_that_hung_on_the_old_one() -> None:
    facts = {
        "residence_status": "ae_24",
        "identity_remark": False,
        "status_since": "2024-01-01",
        "nationality": "UA",
    }
    assert drop_dependents(facts, "residence_status") == {"residence_status": "ae_24", "nationality": "UA"}
