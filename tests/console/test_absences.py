"""Absences and missed appointments in the console: what is entered cannot be booked, and people are told."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.parts import Parts
from office import appointments
from office.appointments import free_slots
from office.resources import members
from tests.console.conftest import NOW, Browser, Clock

PAGE = "/console/absences"


def said(parts: Parts, name: str, **values: object) -> str:
    return parts.replies.render(name, values, "de")


def counters(parts: Parts) -> list[str]:
    with parts.store.read() as work:
        return [one.id for one in members(work, "mettmann") if one.kind == "counter"]


def first_free(parts: Parts) -> str:
    with parts.store.read() as work:
        return free_slots(work, "mettmann", NOW)[0].id


async def absent(clerk: Browser, who: str, first: str, last: str = "", **times: str):
    await clerk.get(PAGE)
    return await clerk.post(PAGE, site="mettmann", who=who, first_day=first, last_day=last, **times)


async def test_nobody_books_a_day_on_which_all_counters_are_away_until_that_is_taken_back(
    clerk: Browser, parts: Parts
) -> None:
    before = first_free(parts)
    day = before.split(":")[1][:10]
    for counter in counters(parts):
        assert (await absent(clerk, counter, day)).status_code == 303
    assert not first_free(parts).startswith(f"mettmann:{day}")

    await clerk.get(PAGE)
    for number in range(1, len(counters(parts)) + 1):
        assert (await clerk.post(f"{PAGE}/{number}/remove", site="mettmann")).status_code == 303
    assert first_free(parts) == before


async def test_what_is_booked_already_is_named_and_stays_booked(clerk: Browser, parts: Parts, open_case) -> None:
    conversation = (await clerk.chat(text="Hallo"))["conversation"]
    _, booked = open_case(conversation)
    with parts.store.read() as work:
        row = appointments.get_appointment(work, booked)
        who = next(id for id in appointments.resources_of(work, row) if ":counter:" in id)
        day, code = row.starts_at.date().isoformat(), row.code
    answer = await absent(clerk, who, day)
    await clerk.get(answer.headers["location"])
    assert code in clerk.text
    assert said(parts, "console.absences.entered") in clerk.text
    with parts.store.read() as work:
        assert appointments.get_appointment(work, booked).state == "booked"


@pytest.mark.parametrize(
    ("first", "last", "times", "problem"),
    [
        ("2024-02-31", "", {}, "no_time"),
        ("", "", {}, "no_time"),
        ("2024-07-04", "", {"first_time": "25:00"}, "no_time"),
        ("2024-07-04", "2024-07-03", {}, "ends_first"),
        ("2024-07-04", "", {"first_time": "10:00", "last_time": "10:00"}, "ends_first"),
        ("2024-06-03", "2024-06-04", {}, "too_far"),
        ("2024-07-04", "2034-07-04", {}, "too_far"),
    ],
)
async def test_a_time_that_cannot_be_is_refused_and_what_was_typed_stays(
    clerk: Browser, parts: Parts, first: str, last: str, times: dict[str, str], problem: str
) -> None:
    answer = await absent(clerk, counters(parts)[0], first, last, **times)
    assert answer.status_code == 422
    assert said(parts, f"console.absences.{problem}") in clerk.text
    assert f'name="first_day" value="{first}"' in clerk.page


async def test_a_stranger_cannot_be_absent(clerk: Browser) -> None:
    assert (await absent(clerk, "mettmann:counter:99", "2024-07-04")).status_code == 404


async def test_who_did_not_come_is_told_once_and_staff_see_it(
    clerk: Browser, parts: Parts, clock: Clock, open_case
) -> None:
    conversation = (await clerk.chat(text="Hallo"))["conversation"]
    _, booked = open_case(conversation)
    await clerk.get("/console/appointments")
    assert "/missed" not in clerk.page
    await clerk.post(f"/console/appointments/{booked}/missed")
    with parts.store.read() as work:
        row = appointments.get_appointment(work, booked)
        assert row.state == "booked"
        clock.now = row.starts_at + timedelta(minutes=20)

    await clerk.log_in()
    await clerk.get(f"/console/appointments?day={clock.now:%Y-%m-%d}")
    assert f"/console/appointments/{booked}/missed" in clerk.page
    for _ in range(2):
        assert (await clerk.post(f"/console/appointments/{booked}/missed")).status_code == 303
    with parts.store.read() as work:
        assert appointments.get_appointment(work, booked).state == "missed"
    told = (await clerk.http.get(f"/api/chat/{conversation}")).json()["messages"]
    assert [message["response"] for message in told].count("notify.missed") == 1
