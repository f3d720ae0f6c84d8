"""The proof finds what is planted: a gap, an overlap, a dead rule, a wrong field."""

from __future__ import annotations

from pathlib import Path

import pytest

from eligibility import RuleError
from eligibility.check import check, prove
from eligibility.load import read_topic

HEAD = """
topic: planted
outcomes: [free, ban, staff]
strengths: [must]
periods: {lawful_stay: lawful_since}
"""
RULE = """
  - id: {id}
    order: {order}
    valid_from: {start}
    valid_to: {end}
    when: {when}
    outcome: {outcome}
    cites: [{{law: AsylG, cite: "§ 61", source: planted, confidence: A, verified_until: 2026-08-19}}]
    reasons: [{reason}]
"""


def planted(folder: Path, *rules: dict[str, object]) -> Path:
    base = {
        "order": 10,
        "start": "2015-01-01",
        "end": "open",
        "when": "{}",
        "outcome": "ban",
        "reason": "safe_country",
    }
    (folder / "_topic.yml").write_text(HEAD, encoding="utf-8")
    text = "rules:" + "".join(RULE.format(**{**base, **rule}) for rule in rules)
    (folder / "rules.yml").write_text(text, encoding="utf-8")
    return folder


def test_a_complete_table_is_proven_and_counted(tmp_path: Path) -> None:
    proof = prove(read_topic(planted(tmp_path, {"id": "all_free", "outcome": "free"})))
    assert proof.problems == []
    assert proof.combinations == 27  # one per paper: nothing else is distinguished


def test_a_gap_is_named_with_its_combination(tmp_path: Path) -> None:
    rule = {"id": "only_short", "when": "{lawful_stay: {under: 3 months}, residence_status: duldung}"}
    problems = prove(read_topic(planted(tmp_path, rule))).problems
    assert "2015-01-01: gap: no rule for lawful_stay: from 3 months; residence_status: duldung." in problems


def test_a_gap_between_two_versions_of_a_rule_is_found_on_its_day(tmp_path: Path) -> None:
    rules = [{"id": "old", "end": "2020-01-31"}, {"id": "new", "start": "2020-02-02"}]
    problems = prove(read_topic(planted(tmp_path, *rules))).problems
    assert problems
    assert all(p.startswith("2020-02-01: gap") for p in problems)


def test_two_rules_of_one_order_that_differ_are_an_overlap(tmp_path: Path) -> None:
    rules = [{"id": "a", "when": "{in_reception_centre: true}"}, {"id": "b", "outcome": "free"}]
    problems = prove(read_topic(planted(tmp_path, *rules))).problems
    assert [p for p in problems if "overlap: 'a' and 'b'" in p and "in_reception_centre: True" in p]


def test_different_orders_are_no_overlap(tmp_path: Path) -> None:
    rules = [{"id": "a", "when": "{in_reception_centre: true}"}, {"id": "b", "order": 20, "outcome": "free"}]
    assert prove(read_topic(planted(tmp_path, *rules))).problems == []


def test_a_rule_behind_a_wider_one_is_dead(tmp_path: Path) -> None:
    rules = [{"id": "wide"}, {"id": "narrow", "order": 20, "when": "{in_reception_centre: true}"}]
    problems = prove(read_topic(planted(tmp_path, *rules))).problems
    assert [p for p in problems if "rule 'narrow' is dead" in p]


def test_a_code_without_a_sentence_is_a_problem(tmp_path: Path) -> None:
    problems = prove(read_topic(planted(tmp_path, {"id": "mute", "reason": "no_such_code"}))).problems
    assert [p for p in problems if "no_such_code" in p]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"outcome": "perhaps"}, "outcome"),
        ({"when": "{activity: dancing}"}, "when.activity"),
        ({"when": "{mood: good}"}, "when.mood"),
        ({"when": "{lawful_stay: {under: three months}}"}, "when.lawful_stay"),
        ({"when": "{in_reception_centre: 1}"}, "when.in_reception_centre"),
        ({"end": "2014-01-01"}, "valid_to"),
        ({"start": "soon"}, "valid_from"),
        ({"order": "first"}, "order"),
    ],
)
def test_a_wrong_field_is_named_with_file_and_rule(tmp_path: Path, change: dict[str, object], field: str) -> None:
    with pytest.raises(RuleError) as error:
        read_topic(planted(tmp_path, {"id": "wrong", **change}))
    assert (error.value.file, error.value.rule, error.value.field) == ("rules.yml", "wrong", field)


def test_work_permission_is_proven(capsys: pytest.CaptureFixture[str]) -> None:
    assert check(["work_permission"]) == 0
    assert "0 problems" in capsys.readouterr().out
