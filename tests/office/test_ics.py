"""The calendar file."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from icalendar import Calendar

from office.appointments import book, cancel, ics, move
from office.sites import get_site


@pytest.fixture
def appointment(work, now, conversation):
    return book(work, "mettmann:2024-07-02T09:00", conversation, topic="asylum_secret", now=now)


def made(appointment):
    return ics(
        appointment,
        get_site("mettmann"),
        summary="Termin – موعد",
        description="Bitte Ausweis, Brief; und Code mitbringen.\nZweite Zeile " + "ü" * 100,
        location="Ötzbachstr. 1, 40822 Mettmann",
    )


def event(file):
    return Calendar.from_ical(file).walk("VEVENT")[0]


def test_it_says_when_and_where(appointment, now):
    found = event(made(appointment))
    assert found.decoded("dtstart") == appointment.starts_at
    assert found.decoded("dtend") - found.decoded("dtstart") == timedelta(minutes=30)
    assert found["dtstart"].params["TZID"] == "Europe/Berlin"
    assert str(found["location"]) == "Ötzbachstr. 1, 40822 Mettmann"
    assert str(found["summary"]) == "Termin – موعد"
    assert found.decoded("dtstamp") == now.astimezone(UTC)
    assert (str(found["status"]), found["sequence"]) == ("CONFIRMED", 0)


def test_lines_are_as_the_standard_wants_them(appointment):
    """RFC 5545, 3.1: lines end with CRLF and have at most 75 octets; commas and semicolons are escaped."""
    file = made(appointment)
    assert file.endswith(b"END:VCALENDAR\r\n")
    assert b"\n" not in file.replace(b"\r\n", b"")
    assert max(len(line) for line in file.split(b"\r\n")) <= 75
    for line in file.split(b"\r\n"):
        line.decode("utf-8")
    unfolded = file.replace(b"\r\n ", b"").decode()
    assert r"Ausweis\, Brief\; und Code mitbringen.\nZweite" in unfolded
    assert "METHOD:PUBLISH\r\n" in unfolded
    assert "VERSION:2.0\r\n" in unfolded


def test_the_reason_of_the_visit_and_the_public_token_are_not_in_it(appointment):
    file = made(appointment).decode().replace("\r\n ", "")
    assert "asylum_secret" not in file
    assert appointment.id not in file
    assert appointment.conversation not in file


def test_the_zone_changes_its_clock_when_the_eu_says_so(appointment):
    """Reckoned by hand from the file: last Sunday of March 2:00 -> 3:00, of October 3:00 -> 2:00."""
    text = made(appointment).decode()
    zone = text[text.index("BEGIN:VTIMEZONE") : text.index("END:VTIMEZONE")]
    parts = dict(re.findall(r"BEGIN:(DAYLIGHT|STANDARD)\r\n(.*?)END:", zone, re.DOTALL))
    summer, winter = (set(parts[name].split("\r\n")) for name in ("DAYLIGHT", "STANDARD"))
    assert {"DTSTART:19960331T020000", "TZOFFSETFROM:+0100", "TZOFFSETTO:+0200", "TZNAME:CEST"} <= summer
    assert {"DTSTART:19961027T030000", "TZOFFSETFROM:+0200", "TZOFFSETTO:+0100", "TZNAME:CET"} <= winter
    assert "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3" in summer
    assert "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10" in winter
    assert (datetime(1996, 3, 31).weekday(), datetime(1996, 10, 27).weekday()) == (6, 6)


def test_a_moved_appointment_is_the_same_entry_one_sequence_later(work, appointment, now):
    before = event(made(appointment))
    later = now + timedelta(hours=1)
    move(work, appointment, "mettmann:2024-07-04T09:30", later)
    after = event(made(appointment))
    assert after["uid"] == before["uid"]
    assert (before["sequence"], after["sequence"]) == (0, 1)
    assert after.decoded("last-modified") == later
    assert after.decoded("dtstart") == appointment.starts_at


def test_a_cancelled_appointment_says_so_in_the_same_entry(work, appointment, now):
    before = event(made(appointment))
    cancel(work, appointment, now)
    after = event(made(appointment))
    assert (str(after["status"]), after["sequence"], after["uid"]) == ("CANCELLED", 1, before["uid"])


def test_the_same_appointment_gives_the_same_file(appointment):
    assert made(appointment) == made(appointment)


def test_a_cancelled_appointment_tells_the_calendar_to_take_it_away(work, appointment, now):
    assert b"METHOD:PUBLISH\r\n" in made(appointment)
    cancel(work, appointment, now)
    file = made(appointment)
    assert b"METHOD:CANCEL\r\n" in file
    assert str(event(file)["organizer"]) == f"mailto:{get_site('mettmann').email[0]}"


@pytest.mark.parametrize("state", ["booked", "moved", "cancelled"])
def test_another_library_reads_the_same_and_finds_no_fault(work, appointment, now, state):
    """vobject has a parser and a validator of its own, and reckons with the zone that stands in the file."""
    vobject = pytest.importorskip("vobject", reason="vobject is not installed (it is in the dev group)")
    if state == "moved":
        move(work, appointment, "mettmann:2024-08-20T09:30", now)
    if state == "cancelled":
        cancel(work, appointment, now)
    read = vobject.readOne(made(appointment).decode())
    assert read.validate(raiseException=True)
    found = read.vevent
    assert found.dtstart.value == appointment.starts_at
    assert found.dtend.value == appointment.ends_at
    assert found.uid.value == str(event(made(appointment))["uid"])
    assert found.sequence.value == str(appointment.sequence)
    assert found.status.value == ("CANCELLED" if state == "cancelled" else "CONFIRMED")
    assert found.summary.value == "Termin – موعد"
    assert [part.name for part in read.getChildren()].count("VTIMEZONE") == 1


@pytest.mark.parametrize("slot", ["mettmann:2024-10-25T09:00", "mettmann:2024-10-28T09:00"])
def test_another_library_gets_the_hour_right_before_and_after_the_clocks_change(work, conversation, slot):
    vobject = pytest.importorskip("vobject", reason="vobject is not installed (it is in the dev group)")
    october = datetime(2024, 10, 21, 7, 0, tzinfo=UTC)
    booked = book(work, slot, conversation, topic="x", now=october)
    start = vobject.readOne(made(booked).decode()).vevent.dtstart.value
    assert (start.hour, start.astimezone(UTC).hour) == (9, 7 if "25T" in slot else 8)
