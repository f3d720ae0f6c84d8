"""'When may I?': the days on which the answer changes."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from eligibility import FactError, calendar
from eligibility.periods import Duration, complete_on, parse_duration

GESTATTUNG: dict[str, Any] = {
    "residence_status": "aufenthaltsgestattung",
    "nationality": "SY",
    "asylum_contact_on": "2016-01-10",
    "in_reception_centre": False,
    "activity": "employment",
    "qualified": "none",
    "work_district": "dortmund",
    "asylum_applied_on": "2016-02-20",
    "procedure_state": "pending",
}


def test_the_slide_of_2016_as_a_calendar() -> None:
    """10.01.2016: + 3 months 10.04.2016, + 15 months 10.04.2017, law of 21.08.2019, + 4 years 10.01.2020."""
    changes = [
        (c.kind, c.on, c.outcome, c.strength) for c in calendar("work_permission", GESTATTUNG, date(2016, 2, 29), 4)
    ]
    assert changes == [
        ("time", date(2016, 4, 10), "permit_with_priority_check", "may"),
        ("time", date(2017, 4, 10), "permit_with_consent", "may"),
        ("law", date(2019, 8, 21), "permit_with_consent", "must"),
        ("time", date(2020, 1, 10), "permit", "must"),
    ]


def test_moving_out_of_the_centre_brings_the_permit_forward() -> None:
    facts = {**GESTATTUNG, "in_reception_centre": True, "asylum_contact_on": "2015-11-01"}
    levers = [c for c in calendar("work_permission", facts, date(2016, 2, 29), 2) if c.kind == "fact"]
    assert [(c.fact, c.value, c.on, c.outcome) for c in levers] == [
        ("in_reception_centre", False, date(2016, 2, 29), "permit_with_priority_check")
    ]


def test_clearing_the_identity_lifts_the_ban() -> None:
    facts = {
        "residence_status": "duldung",
        "identity_remark": True,
        "work_ban_60a6": False,
        "activity": "employment",
    }
    facts |= {"status_since": "2023-01-10", "entered_on": "2022-10-10", "in_reception_centre": False}
    levers = [c for c in calendar("work_permission", facts, date(2024, 7, 1)) if c.kind == "fact"]
    assert [(c.fact, c.value, c.outcome) for c in levers] == [("identity_remark", False, "permit_with_consent")]


def test_what_cannot_get_better_has_an_empty_calendar() -> None:
    assert calendar("work_permission", {"residence_status": "ae_25_3"}, date(2024, 7, 1)) == []


def test_a_day_outside_the_rules_is_refused() -> None:
    with pytest.raises(FactError):
        calendar("work_permission", {}, date(2014, 7, 1))


@pytest.mark.parametrize(
    ("start", "months", "first_day"),
    [
        (date(2016, 2, 5), 3, date(2016, 5, 5)),
        (date(2023, 7, 1), 9, date(2024, 4, 1)),
        (date(2015, 11, 30), 3, date(2016, 3, 1)),  # no 30.02.: ends with 29.02.
        (date(2024, 3, 31), 3, date(2024, 7, 1)),  # no 31.06.: ends with 30.06.
        (date(2012, 2, 29), 48, date(2016, 2, 29)),
        (date(2011, 12, 31), 12, date(2012, 12, 31)),
    ],
)
def test_months_are_counted_as_the_civil_code_counts(start: date, months: int, first_day: date) -> None:
    assert complete_on(start, Duration(months, 0)) == first_day


def test_four_years_are_forty_eight_months() -> None:
    assert parse_duration("4 years") == parse_duration("48 months")
    with pytest.raises(ValueError, match="three months"):
        parse_duration("three months")
