"""What the office tells by itself: with its change, once, never for the past, and never what it is about."""

import json
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from office.appointments import book, cancel, mark, move
from office.conversations import start_conversation
from office.notifications import due_notifications, notification_key, said, set_reminders, told
from office.slots import Wish
from office.tables import Outbox
from office.waiting import join

BERLIN = ZoneInfo("Europe/Berlin")
# A week ahead: Monday, 8 July, 9:00.
SLOT = "mettmann:2024-07-08T09:00"
AT = datetime(2024, 7, 8, 9, 0, tzinfo=BERLIN)
LATER = "mettmann:2024-07-11T09:00"


@pytest.fixture
def booked(work, now, conversation):
    return book(work, SLOT, conversation, topic="asylum_secret", now=now, key="k")


def hours(number):
    return timedelta(hours=number)


def hear(work, now):
    """Say everything that is due; return the names."""
    due = due_notifications(work, now)
    for notification in due:
        said(work, notification, now)
    return [notification.response.removeprefix("notify.") for notification in due]


def planned(work):
    entries = work.session.scalars(select(Outbox).where(Outbox.state == "pending").order_by(Outbox.id))
    return [(entry.payload["response"].removeprefix("notify."), entry.not_before) for entry in entries]


def test_a_booking_is_confirmed_and_remembered_two_days_and_three_hours_before(work, now, booked):
    assert planned(work) == [
        ("booked", now + timedelta(minutes=1)),
        ("reminder_days", AT - hours(48)),
        ("reminder_hours", AT - hours(3)),
    ]
    assert hear(work, now) == []
    assert hear(work, now + timedelta(minutes=1)) == ["booked"]
    assert hear(work, AT - hours(48)) == ["reminder_days"]
    assert hear(work, AT - hours(3)) == ["reminder_hours"]
    assert hear(work, AT + hours(3)) == []


def test_nothing_tells_what_the_visit_is_about(work, now, booked, conversation):
    cancel(work, booked, now)
    entries = work.session.scalars(select(Outbox)).all()
    payloads = json.dumps([entry.payload for entry in entries])
    assert entries and "asylum_secret" not in payloads
    assert {key for entry in entries for key in entry.payload["values"]} <= {
        "site", "day", "day_de", "time", "means", "code", "link",
    }  # fmt: skip


def test_an_undone_booking_is_not_told(store, work, now, booked):
    work.rollback()
    with store.read() as reading:
        assert not due_notifications(reading, now + hours(1))


def test_what_the_chat_said_is_not_said_again(work, now, booked, conversation):
    told(work, conversation, [notification_key(booked)], now)
    assert hear(work, now + timedelta(minutes=1)) == []
    assert [name for name, _ in planned(work)] == ["reminder_days", "reminder_hours"]


def test_nobody_can_silence_what_is_told_to_others(work, now, booked):
    stranger = start_conversation(work, channel="web", now=now)
    told(work, stranger, [notification_key(booked)], now)
    assert hear(work, now + hours(1)) == ["booked"]


def test_no_reminder_is_planned_for_the_past(work, now, conversation):
    book(work, "mettmann:2024-07-02T09:00", conversation, topic="x", now=now)
    assert [name for name, _ in planned(work)] == ["booked", "reminder_hours"]


def test_moving_plans_the_reminders_anew(work, now, booked):
    hear(work, now + hours(1))
    move(work, booked, LATER, now + hours(1))
    assert [name for name, _ in planned(work)] == ["moved", "reminder_days", "reminder_hours"]
    assert hear(work, AT - hours(48)) == ["moved"]
    assert hear(work, AT + hours(24)) == ["reminder_days"]
    assert hear(work, AT + hours(69)) == ["reminder_hours"]


def test_cancelling_takes_the_reminders_back(work, now, booked):
    cancel(work, booked, now)
    assert [name for name, _ in planned(work)] == ["booked", "cancelled_by_person"]
    # Of the booking that is none any more nobody needs to hear.
    assert hear(work, now + hours(1)) == ["cancelled_by_person"]
    assert hear(work, AT) == []


def test_a_cancellation_by_the_office_is_told_at_once(work, now, booked):
    cancel(work, booked, now, by="office")
    assert hear(work, now) == ["cancelled_by_office"]


def test_missing_is_told_unless_staff_correct_it_within_a_minute(work, now, booked, conversation):
    mark(work, booked, "missed", AT)
    mark(work, booked, "done", AT)
    assert "missed" not in hear(work, AT + hours(1))
    other = book(work, LATER, conversation, topic="x", now=now)
    mark(work, other, "missed", AT + hours(72))
    assert "missed" in hear(work, AT + hours(73))


def test_who_wants_no_reminders_gets_none_but_hears_of_changes(work, now, booked, conversation):
    set_reminders(work, conversation, False, now)
    move(work, booked, LATER, now)
    assert [name for name, _ in planned(work)] == ["booked", "moved"]
    set_reminders(work, conversation, True, now)
    assert [name for name, _ in planned(work)] == ["booked", "moved", "reminder_days", "reminder_hours"]


def test_after_a_long_pause_only_the_last_reminder_is_said(work, now, booked):
    hear(work, now + hours(1))
    assert hear(work, AT - hours(2)) == ["reminder_hours"]


def test_a_reminder_that_comes_after_the_beginning_is_dropped(work, now, booked):
    hear(work, now + hours(1))
    assert hear(work, AT) == []
    assert planned(work) == []


def test_a_reminder_far_ahead_holds_nothing_back(work, now, booked, conversation):
    """The outbox keeps the order within a conversation, but not for what is planned."""
    move(work, booked, LATER, now)
    cancel(work, booked, now, by="office")
    assert hear(work, now + hours(1)) == ["cancelled_by_office"]


def test_an_offer_is_told_while_it_lasts(work, now, conversation):
    join(work, conversation, "mettmann", Wish(), now)
    [offer] = due_notifications(work, now)
    assert offer.response == "notify.waiting_offer"
    assert {"until_day", "until_time"} <= set(offer.values)
    assert "code" not in offer.values
    assert hear(work, now + hours(3)) == []


def test_looking_alone_changes_nothing(store, work, now, booked):
    work.commit()
    with store.read() as reading:
        assert [one.response for one in due_notifications(reading, AT)] == ["notify.booked"]
        assert len(planned(reading)) == 3
