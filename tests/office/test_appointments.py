"""Slots and appointments: what is offered, and that nothing is given away twice."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from office.appointments import (
    appointments_of,
    book,
    by_code,
    cancel,
    events,
    free_slots,
    get_appointment,
    mark,
    move,
)
from office.conversations import start_conversation
from office.errors import (
    AppointmentError,
    NoHours,
    SlotTaken,
    SlotUnknown,
    TooManyAppointments,
    UnknownAppointment,
    UnknownSite,
)
from office.resources import add_interpreter
from office.sites import sites
from office.store import Store
from office.tables import Allocation

BERLIN = ZoneInfo("Europe/Berlin")
TUESDAY = "mettmann:2024-07-02T09:00"
LATER = "mettmann:2024-07-02T09:30"


def ids(slots):
    return [slot.id.removeprefix("mettmann:") for slot in slots]


def allocated(work):
    return work.session.scalar(select(func.count()).select_from(Allocation))


def test_the_first_slots_are_a_day_ahead_inside_the_hours(work, now):
    assert ids(free_slots(work, "mettmann", now)) == [
        "2024-07-02T09:00", "2024-07-02T09:30", "2024-07-02T10:00",
    ]  # fmt: skip
    at_nine_past = now + timedelta(minutes=9)
    assert ids(free_slots(work, "mettmann", at_nine_past, n=1)) == ["2024-07-02T09:30"]


def test_the_last_slot_of_a_day_ends_when_the_office_closes_and_wednesday_has_none(work, now):
    found = free_slots(work, "mettmann", now, n=11)
    assert ids(found)[8:10] == ["2024-07-02T13:00", "2024-07-04T08:30"]
    assert found[8].ends_at == datetime(2024, 7, 2, 13, 30, tzinfo=BERLIN)


def test_holidays_have_no_slots(work):
    before_unity = datetime(2024, 10, 1, 14, 0, tzinfo=BERLIN)
    assert ids(free_slots(work, "mettmann", before_unity, n=1)) == ["2024-10-04T08:30"]
    assert free_slots(work, "mettmann", before_unity, day=date(2024, 10, 3)) == []


def test_nothing_is_offered_beyond_eight_weeks(work, now):
    every = free_slots(work, "mettmann", now, n=10_000)
    assert max(slot.starts_at.date() for slot in every) == date(2024, 8, 26)
    # Tuesday 2.7. from 9:00 (9 slots), then 31 open days of ten slots each up to Monday 26.8.
    assert len(every) == 9 + 31 * 10
    assert free_slots(work, "mettmann", now, day=date(2024, 8, 27)) == []


def test_a_day_and_other_times_narrow_the_search(work, now):
    assert ids(free_slots(work, "mettmann", now, day=date(2024, 7, 5), n=1)) == ["2024-07-05T08:30"]
    assert free_slots(work, "mettmann", now, day=date(2024, 6, 30)) == []
    third = free_slots(work, "mettmann", now)[2]
    assert ids(free_slots(work, "mettmann", now, after=third.starts_at, n=1)) == ["2024-07-02T10:30"]


def test_slots_keep_the_clock_on_the_wall_when_summer_time_ends(work):
    october = datetime(2024, 10, 24, 7, 0, tzinfo=BERLIN)
    found = free_slots(work, "mettmann", october, n=11)
    assert (found[0].id, found[10].id) == ("mettmann:2024-10-25T08:30", "mettmann:2024-10-28T08:30")
    assert found[0].starts_at.utcoffset() != found[10].starts_at.utcoffset()


def test_a_site_with_unknown_hours_says_so_and_an_unknown_site_too(work, now):
    with pytest.raises(NoHours, match="without an appointment"):
        free_slots(work, "warendorf", now)
    with pytest.raises(UnknownSite):
        free_slots(work, "atlantis", now)


def test_a_booked_slot_is_no_longer_free(work, now, conversation):
    appointment = book(work, TUESDAY, conversation, topic="work", now=now)
    assert appointment.starts_at == datetime(2024, 7, 2, 9, 0, tzinfo=BERLIN)
    assert appointment.ends_at - appointment.starts_at == timedelta(minutes=30)
    assert ids(free_slots(work, "mettmann", now, n=1)) == ["2024-07-02T09:30"]
    assert allocated(work) == 2


def test_a_slot_cannot_be_booked_twice_and_the_unit_of_work_goes_on(store, work, now, conversation):
    book(work, TUESDAY, conversation, topic="work", now=now)
    other = start_conversation(work, channel="web", now=now)
    with pytest.raises(SlotTaken):
        book(work, TUESDAY, other, topic="work", now=now)
    book(work, LATER, other, topic="work", now=now)
    work.commit()
    with store.read() as reading:
        assert [a.starts_at.minute for a in appointments_of(reading, other, now)] == [30]


def test_the_same_key_books_once(work, now, conversation):
    first = book(work, TUESDAY, conversation, topic="work", now=now, key="tap")
    assert first.duplicate is False
    second = book(work, TUESDAY, conversation, topic="work", now=now, key="tap")
    assert (second.id, second.duplicate) == (first.id, True)
    assert allocated(work) == 2


def test_after_cancelling_the_same_slot_and_key_can_be_booked_again(work, now, conversation):
    first = book(work, TUESDAY, conversation, topic="work", now=now, key="tap")
    cancel(work, first, now)
    assert allocated(work) == 0
    second = book(work, TUESDAY, conversation, topic="work", now=now, key="tap")
    assert second.id != first.id
    assert second.state == "booked"


def test_one_conversation_cannot_hoard(work, now, conversation):
    book(work, TUESDAY, conversation, topic="work", now=now)
    book(work, LATER, conversation, topic="work", now=now)
    with pytest.raises(TooManyAppointments, match="cancel or move"):
        book(work, "mettmann:2024-07-04T09:00", conversation, topic="work", now=now)
    after_them = now + timedelta(days=2)
    assert book(work, "mettmann:2024-07-04T09:00", conversation, topic="work", now=after_them)


@pytest.mark.parametrize(
    "slot",
    ["", "mettmann", "mettmann:", "mettmann:x", "mettmann:2024-07-02T09:07", "mettmann:2024-07-03T09:00",
     "mettmann:2024-07-02T08:30", "mettmann:2024-07-01T08:30", "mettmann:2023-07-04T09:00",
     "mettmann:2024-12-02T09:00", "mettmann:2024-07-02T13:30", "mettmann:2024-02-30T09:00",
     "mettmann:2024-07-02T09:00+02:00", "mettmann:2024-07-02", "mettmann:20240702T0900",
     "warendorf:2024-07-02T09:00",
     "atlantis:2024-07-02T09:00", "mettmann:2024-07-02T09:00:00",
     "mettmann:9999-12-31T09:00", "mettmann:0001-01-01T09:00", "x" * 10_000],
)  # fmt: skip
def test_a_slot_the_office_does_not_offer_is_refused(work, now, conversation, slot):
    with pytest.raises(SlotUnknown):
        book(work, slot, conversation, topic="work", now=now)
    assert allocated(work) == 0


def test_moving_keeps_id_and_code_and_frees_the_old_time(work, now, conversation):
    appointment = book(work, TUESDAY, conversation, topic="work", now=now)
    id, code = appointment.id, appointment.code
    move(work, appointment, "mettmann:2024-07-04T10:00", now)
    assert (appointment.id, appointment.code, appointment.sequence) == (id, code, 1)
    assert appointment.state == "booked"
    assert appointment.starts_at == datetime(2024, 7, 4, 10, 0, tzinfo=BERLIN)
    assert ids(free_slots(work, "mettmann", now, n=1)) == ["2024-07-02T09:00"]
    assert allocated(work) == 2
    kinds = [(event.kind, event.starts_at.day) for event in events(work, appointment)]
    assert kinds == [("booked", 2), ("moved_from", 2), ("moved", 4)]


def test_moving_onto_a_taken_slot_keeps_the_old_time(work, now, conversation):
    appointment = book(work, TUESDAY, conversation, topic="work", now=now)
    other = start_conversation(work, channel="web", now=now)
    book(work, LATER, other, topic="work", now=now)
    with pytest.raises(SlotTaken):
        move(work, appointment, LATER, now)
    assert appointment.starts_at == datetime(2024, 7, 2, 9, 0, tzinfo=BERLIN)
    assert allocated(work) == 4


def test_moving_to_where_it_is_changes_nothing(work, now, conversation):
    appointment = book(work, TUESDAY, conversation, topic="work", now=now)
    assert move(work, appointment, TUESDAY, now).sequence == 0


def test_an_appointment_may_be_moved_over_its_own_time(tmp_path, now):
    # Slots of 45 minutes at 8:30, 9:15 … after a change to 30: the new one overlaps the old one.
    rules = replace(sites()["mettmann"].appointments, length_minutes=45)
    long = {"mettmann": replace(sites()["mettmann"], appointments=rules)}
    url = f"sqlite:///{tmp_path / 'l.db'}"
    before = Store(url, long)
    before.migrate()
    with before.begin() as work:
        conversation = start_conversation(work, channel="web", now=now)
        id = book(work, "mettmann:2024-07-02T09:15", conversation, topic="work", now=now).id
        work.commit()
    with Store(url).begin() as work:
        other = start_conversation(work, channel="web", now=now)
        # Another person cannot have 9:30, which the long one covers …
        with pytest.raises(SlotTaken):
            book(work, LATER, other, topic="work", now=now)
        # … but its owner can.
        assert move(work, get_appointment(work, id), LATER, now).starts_at.minute == 30
        assert allocated(work) == 2


def test_cancelling_twice_is_the_same_as_once(work, now, conversation):
    appointment = book(work, TUESDAY, conversation, topic="work", now=now)
    cancel(work, appointment, now, by="office")
    cancel(work, appointment, now, by="person")
    assert (appointment.state, appointment.sequence) == ("cancelled_by_office", 1)
    assert not appointments_of(work, conversation, now)


def test_what_has_begun_can_be_missed_or_done_but_not_moved_or_cancelled(work, now, conversation):
    appointment = book(work, TUESDAY, conversation, topic="work", now=now)
    with pytest.raises(AppointmentError):
        mark(work, appointment, "missed", now)
    begun = appointment.starts_at
    for act in (lambda: cancel(work, appointment, begun), lambda: move(work, appointment, LATER, begun)):
        with pytest.raises(AppointmentError, match="has begun"):
            act()
    assert mark(work, appointment, "missed", begun).state == "missed"
    cancelled = book(work, "mettmann:2024-07-04T09:00", conversation, topic="work", now=now)
    cancel(work, cancelled, now)
    with pytest.raises(AppointmentError):
        mark(work, cancelled, "done", begun + timedelta(days=9))


def test_the_code_is_sayable_and_finds_the_appointment_however_it_is_typed(work, now, conversation):
    appointment = book(work, TUESDAY, conversation, topic="work", now=now)
    code = appointment.code
    assert len(code) == 4
    assert not set(code) & set("01OIBDPT")
    assert by_code(work, "mettmann", f" {code[:2].lower()} {code[2:]} ").id == appointment.id
    assert by_code(work, "herford", code) is None
    cancel(work, appointment, now)
    assert by_code(work, "mettmann", code) is None


def test_an_unknown_appointment_says_so(work):
    with pytest.raises(UnknownAppointment):
        get_appointment(work, "nobody")


def test_with_an_interpreter_the_slot_needs_both(work, now, conversation):
    add_interpreter(work, "mettmann", "a", ["ar"])
    add_interpreter(work, "mettmann", "b", ["ku"])
    appointment = book(work, TUESDAY, conversation, topic="work", now=now, language="ar")
    assert allocated(work) == 4
    resources = set(
        work.session.scalars(select(Allocation.resource_id).where(Allocation.appointment_id == appointment.id))
    )
    assert resources == {"mettmann:counter:1", "mettmann:interpreter:a"}


def test_a_second_counter_helps_nobody_whose_interpreter_is_busy(tmp_path, now):
    rules = replace(sites()["mettmann"].appointments, counters=2)
    store = Store(f"sqlite:///{tmp_path / 'l.db'}", {"mettmann": replace(sites()["mettmann"], appointments=rules)})
    store.migrate()
    with store.begin() as work:
        add_interpreter(work, "mettmann", "a", ["ar"])
        first, second, third = (start_conversation(work, channel="web", now=now) for _ in range(3))
        book(work, TUESDAY, first, topic="work", now=now, language="ar")
        assert ids(free_slots(work, "mettmann", now, n=1, language="ar")) == ["2024-07-02T09:30"]
        with pytest.raises(SlotTaken):
            book(work, TUESDAY, second, topic="work", now=now, language="ar")
        book(work, TUESDAY, second, topic="work", now=now)
        with pytest.raises(SlotTaken):
            book(work, TUESDAY, third, topic="work", now=now)
