"""The rule command, started as people start it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DULDUNG = """
residence_status: duldung
status_since: 2024-02-01
entered_on: "2023-05-01"
in_reception_centre: false
identity_remark: false
work_ban_60a6: false
activity: employment
"""


def run(*words: str, facts: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "eligibility", *words]
    return subprocess.run(command, cwd=ROOT, input=facts, capture_output=True, text=True, check=False)


def test_the_answer_is_one_json_object_with_every_name_of_the_vocabulary() -> None:
    done = run("work_permission", "--on", "2024-07-01", "--facts", "-", facts=DULDUNG)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    names = "topic on outcome strength from citations reasons missing next_question asked_because used"
    names += " review caution"
    assert set(names.split()) <= set(found)
    assert (found["outcome"], found["strength"], found["from"]) == ("permit_with_consent", "should", None)
    assert {"law": "AufenthG", "cite": "§ 60a Abs. 5b"}.items() <= found["citations"][0].items()
    assert found["citations"][0]["verified_until"] == "2026-08-19"
    assert found["reasons"][0]["text"].startswith("The permit is to be given")
    assert found["used"]["status_since"] == "2024-02-01"


def test_facts_are_read_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "facts.yaml"
    path.write_text("nationality: PL\n", encoding="utf-8")
    done = run("work_permission", "--on", "2024-07-01", "--facts", str(path))
    assert json.loads(done.stdout)["outcome"] == "free"


def test_an_open_case_says_what_to_ask_and_why() -> None:
    found = json.loads(run("work_permission", "--on", "2024-07-01", "--facts", "-").stdout)
    assert (found["outcome"], found["next_question"]) == (None, "residence_status")
    assert found["asked_because"] == "The paper a person holds decides which law applies."


def test_the_command_says_what_holds_so_far_and_keeps_the_question() -> None:
    facts = "residence_status: duldung\nidentity_remark: true\n"
    found = json.loads(run("work_permission", "--on", "2024-07-01", "--facts", "-", facts=facts).stdout)
    assert (found["outcome"], found["next_question"]) == ("ban", "activity")
    assert found["extra"]["assumed"] == {"activity": "employment"}


def test_money_from_the_first_of_the_month_is_the_day_of_the_answer() -> None:
    facts = "residence_status: ae_25_2_refugee\ndecision_notified_on: 2026-03-10\n"
    found = json.loads(run("benefits", "--on", "2026-05-05", "--facts", "-", facts=facts).stdout)
    assert (found["outcome"], found["from"], found["office"]) == ("sgb2", "2026-05-01", "jobcenter")


@pytest.mark.parametrize(
    ("on", "facts", "named"),
    [
        ("2024-07-01", "residence_status: duldung\nresidence_status: ae_24", "residence_status"),
        ("2024-07-01", "shoe_size: 43", "shoe_size"),
        ("2024-07-01", "residence_status: duldnug", "residence_status"),
        ("2024-07-01", "status_since: 2024-02-30", "status_since"),
        ("2024-07-01", "status_since: last year", "status_since"),
        ("2024-07-01", "status_since: 2024-08-01", "status_since"),
        (
            "2024-07-01",
            "{residence_status: duldung, entered_on: 2024-05-01, status_since: 2024-04-01}",
            "entered_on",
        ),
        ("2024-07-01", "in_reception_centre: maybe", "in_reception_centre"),
        ("2024-07-01", "nationality: Syria", "nationality"),
        ("2024-07-01", "activity_months: many", "activity_months"),
        ("2024-07-01", "[duldung]", "mapping"),
        ("2024-07-01", "residence_status: [", "YAML"),
        ("2014-12-31", "{}", "2015-01-01"),
        ("2101-01-01", "{}", "2100-12-31"),
        ("2024-02-30", "{}", "2024-02-30"),
        ("today", "{}", "today"),
    ],
)
def test_a_wrong_request_ends_with_two_and_one_sentence(on: str, facts: str, named: str) -> None:
    done = run("work_permission", "--on", on, "--facts", "-", facts=facts)
    assert done.returncode == 2
    assert done.stdout == ""
    assert named in done.stderr
    assert done.stderr.count("\n") == 1
    assert "Traceback" not in done.stderr


def test_an_unknown_topic_names_the_topics_there_are() -> None:
    done = run("housing", "--on", "2024-07-01", "--facts", "-", facts="{}")
    assert done.returncode == 2
    assert "work_permission" in done.stderr


def test_a_missing_file_is_one_sentence() -> None:
    done = run("work_permission", "--on", "2024-07-01", "--facts", "nowhere.yaml")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)


def test_the_calendar_lists_the_days_and_the_levers() -> None:
    facts = "{residence_status: aufenthaltsgestattung, nationality: AF, in_reception_centre: true, "
    facts += "activity: employment, asylum_applied_on: 2023-07-01, asylum_contact_on: 2023-06-15, "
    facts += "procedure_state: pending}"
    words = ("calendar", "work_permission", "--on", "2024-02-15", "--facts", "-", "--years", "1")
    found = json.loads(run(*words, facts=facts).stdout)
    assert (found[0]["kind"], found[0]["on"], found[0]["outcome"]) == (
        "law",
        "2024-02-27",
        "permit_with_consent",
    )
    assert found[-1]["if"] == {"in_reception_centre": False}
