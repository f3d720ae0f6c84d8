"""Holds: ten minutes, then free by themselves; confirmed once; not for hoarding."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from office.appointments import (
    appointments_of,
    book,
    cancel,
    confirm,
    events,
    get_appointment,
    hold,
    hold_of,
    holds_of,
    mark,
    move,
    rebook,
    release_hold,
    release_holds,
)
from office.console import conversation_view
from office.conversations import start_conversation
from office.errors import (
    AppointmentError,
    HoldExpired,
    NoInterpreter,
    SlotTaken,
    TooManyAppointments,
    TooManyHolds,
    UnknownAppointment,
)
from office.slots import Wish, free_slots
from office.tables import Allocation, Appointment

BERLIN = ZoneInfo("Europe/Berlin")
SLOT, NEXT, THIRD = (f"mettmann:2024-07-04T{at}" for at in ("09:00", "09:30", "10:00"))
ANY = Wish()
EARLY = datetime(2024, 7, 4, 8, 45, tzinfo=BERLIN)


@pytest.fixture
def other(work, now):
    return start_conversation(work, channel="web", now=now)


def minutes(number):
    return timedelta(minutes=number)


def allocated(work):
    return work.session.scalar(select(func.count()).select_from(Allocation))


def first_free(work, now):
    return free_slots(work, "mettmann", now, n=1, day=date(2024, 7, 4), after=EARLY)[0].id


def test_what_is_held_is_nobody_else_s_for_ten_minutes(work, now, conversation, other):
    held = hold(work, SLOT, conversation, ANY, now)
    assert (held.state, held.held_until) == ("held", now + minutes(10))
    assert first_free(work, now + minutes(9)) == NEXT
    with pytest.raises(SlotTaken):
        book(work, SLOT, other, topic="x", now=now + minutes(9))
    with pytest.raises(SlotTaken):
        hold(work, SLOT, other, ANY, now + minutes(9))


def test_after_ten_minutes_it_is_free_without_anybody_doing_anything(work, now, conversation, other):
    hold(work, "mettmann:2024-07-05T09:00", conversation, ANY, now)
    later = now + minutes(10)
    assert "mettmann:2024-07-05T09:00" in [slot.id for slot in free_slots(work, "mettmann", later, n=30)]
    taken = book(work, "mettmann:2024-07-05T09:00", other, topic="x", now=later)
    assert taken.state == "booked"
    assert allocated(work) == 2


def test_a_confirmed_hold_is_an_appointment_and_stays(work, now, conversation):
    held = hold(work, SLOT, conversation, Wish("work", interpreter="ar"), now)
    booked = confirm(work, held.id, conversation, now + minutes(9))
    assert (booked.id, booked.state, booked.held_until, len(booked.code)) == (held.id, "booked", None, 4)
    assert (booked.topic, booked.language, booked.means) == ("work", "ar", "on_site")
    assert first_free(work, now + minutes(20)) != SLOT
    assert [event.kind for event in events(work, booked)] == ["booked"]


def test_confirming_twice_is_the_same_as_once(work, now, conversation):
    held = hold(work, SLOT, conversation, ANY, now)
    assert confirm(work, held.id, conversation, now).duplicate is False
    again = confirm(work, held.id, conversation, now + minutes(30))
    assert (again.id, again.duplicate) == (held.id, True)
    assert allocated(work) == 2


def test_who_confirms_too_late_hears_so_and_is_offered_the_same_time_first(work, now, conversation):
    held = hold(work, "mettmann:2024-07-05T09:00", conversation, ANY, now)
    with pytest.raises(HoldExpired) as caught:
        confirm(work, held.id, conversation, now + minutes(10))
    assert caught.value.next[0].id == "mettmann:2024-07-05T09:00"
    assert len(caught.value.next) == 3
    assert allocated(work) == 0


def test_who_confirms_what_another_has_taken_meanwhile_gets_the_next_times(work, now, conversation, other):
    slot = "mettmann:2024-07-05T09:00"
    held = hold(work, slot, conversation, ANY, now)
    book(work, slot, other, topic="x", now=now + minutes(11))
    with pytest.raises(HoldExpired) as caught:
        confirm(work, held.id, conversation, now + minutes(12))
    assert caught.value.next[0].id == "mettmann:2024-07-05T09:30"
    # A clock that is behind does not bring it back either.
    with pytest.raises(HoldExpired):
        confirm(work, held.id, conversation, now + minutes(9))


def test_a_hold_is_not_for_others_to_confirm_or_to_see(work, now, conversation, other):
    held = hold(work, SLOT, conversation, ANY, now)
    with pytest.raises(HoldExpired):
        confirm(work, held.id, other, now)
    with pytest.raises(HoldExpired):
        confirm(work, "nothing", conversation, now)
    assert hold_of(work, held.id, other, now) is None
    assert hold_of(work, held.id, conversation, now) is held
    assert hold_of(work, held.id, conversation, now + minutes(10)) is None
    with pytest.raises(UnknownAppointment):
        get_appointment(work, held.id)
    assert not appointments_of(work, conversation, now)


def test_a_double_tap_and_two_devices_hold_once(work, now, conversation):
    held = hold(work, SLOT, conversation, ANY, now, key="tap")
    for again in (hold(work, SLOT, conversation, ANY, now, key="tap"), hold(work, SLOT, conversation, ANY, now)):
        assert (again.id, again.duplicate) == (held.id, True)
    assert len(holds_of(work, conversation, now)) == 1


def test_a_key_can_be_used_again_once_its_hold_ran_out(work, now, conversation):
    slot = "mettmann:2024-07-05T09:00"
    first = hold(work, slot, conversation, ANY, now, key="tap")
    second = hold(work, slot, conversation, ANY, now + minutes(11), key="tap")
    assert second.id != first.id
    assert book(work, slot, conversation, topic="x", now=now + minutes(12), key="tap").id == second.id


def test_booking_what_one_holds_confirms_it(work, now, conversation):
    held = hold(work, SLOT, conversation, Wish("work"), now)
    booked = book(work, SLOT, conversation, topic="other", now=now + minutes(5))
    assert (booked.id, booked.state, booked.topic) == (held.id, "booked", "work")
    assert book(work, SLOT, conversation, topic="other", now=now + minutes(6)).id == held.id
    assert allocated(work) == 2


def test_a_released_hold_is_free_at_once(work, now, conversation):
    held = hold(work, SLOT, conversation, ANY, now)
    release_hold(work, held, now + minutes(1))
    assert first_free(work, now) == SLOT
    release_hold(work, held, now + minutes(1))
    hold(work, SLOT, conversation, ANY, now + minutes(2))
    release_holds(work, conversation, now + minutes(3))
    assert not holds_of(work, conversation, now + minutes(3))


def test_a_conversation_holds_two_slots_at_most(work, now, conversation):
    hold(work, SLOT, conversation, ANY, now)
    hold(work, NEXT, conversation, ANY, now + timedelta(seconds=-30))
    with pytest.raises(TooManyHolds) as caught:
        hold(work, THIRD, conversation, ANY, now)
    assert caught.value.minutes == 10


def test_who_holds_again_and_again_has_to_wait(work, now, conversation):
    slot = "mettmann:2024-07-05T09:00"
    for number in range(12):
        release_hold(work, hold(work, slot, conversation, ANY, now + minutes(number)), now + minutes(number))
    with pytest.raises(TooManyHolds) as caught:
        hold(work, slot, conversation, ANY, now + minutes(12))
    assert caught.value.minutes == 48
    assert hold(work, slot, conversation, ANY, now + minutes(61))


def test_who_has_two_appointments_can_hold_no_third(work, now, conversation):
    held = hold(work, THIRD, conversation, ANY, now)
    book(work, SLOT, conversation, topic="x", now=now)
    book(work, NEXT, conversation, topic="x", now=now)
    with pytest.raises(TooManyAppointments):
        confirm(work, held.id, conversation, now)
    with pytest.raises(TooManyAppointments):
        hold(work, "mettmann:2024-07-05T09:00", conversation, ANY, now)


def test_nobody_is_held_a_time_without_the_interpreter_they_need(work, now, conversation):
    with pytest.raises(NoInterpreter):
        hold(work, SLOT, conversation, Wish(interpreter="ti"), now)


def test_a_hold_can_replace_an_appointment_in_one_step(work, now, conversation):
    booked = book(work, SLOT, conversation, topic="x", now=now)
    code = booked.code
    held = hold(work, THIRD, conversation, ANY, now, replaces=booked)
    assert allocated(work) == 4
    moved = confirm(work, held.id, conversation, now + minutes(2))
    assert (moved.id, moved.code, moved.sequence) == (booked.id, code, 1)
    assert moved.starts_at == datetime(2024, 7, 4, 10, tzinfo=BERLIN)
    assert first_free(work, now) == SLOT
    assert allocated(work) == 2
    again = confirm(work, held.id, conversation, now + minutes(3))
    assert (again.id, again.duplicate, again.sequence) == (booked.id, True, 1)


def test_the_old_time_stays_if_the_hold_runs_out(work, now, conversation):
    booked = book(work, SLOT, conversation, topic="x", now=now)
    held = hold(work, THIRD, conversation, ANY, now, replaces=booked)
    with pytest.raises(HoldExpired):
        confirm(work, held.id, conversation, now + minutes(11))
    assert (booked.starts_at, booked.sequence) == (datetime(2024, 7, 4, 9, tzinfo=BERLIN), 0)
    assert allocated(work) == 2


def test_a_hold_that_was_to_replace_a_cancelled_appointment_becomes_a_new_one(work, now, conversation):
    booked = book(work, SLOT, conversation, topic="x", now=now)
    held = hold(work, THIRD, conversation, ANY, now, replaces=booked)
    cancel(work, booked, now)
    assert confirm(work, held.id, conversation, now).id == held.id


def test_moving_to_what_one_holds_uses_the_hold(work, now, conversation):
    booked = book(work, SLOT, conversation, topic="x", now=now)
    hold(work, THIRD, conversation, ANY, now)
    assert move(work, booked, THIRD, now).starts_at == datetime(2024, 7, 4, 10, tzinfo=BERLIN)
    assert allocated(work) == 2
    assert not holds_of(work, conversation, now)


def test_a_missed_or_cancelled_appointment_is_booked_again_in_one_step(work, now, conversation):
    missed = book(work, SLOT, conversation, topic="work", now=now, language="ar")
    mark(work, missed, "missed", missed.starts_at)
    again = rebook(work, missed, "mettmann:2024-07-05T09:00", missed.starts_at)
    assert (again.topic, again.language, again.state) == ("work", "ar", "booked")
    assert again.id != missed.id and again.code != missed.code
    assert rebook(work, missed, "mettmann:2024-07-05T09:00", missed.starts_at).id == again.id
    assert rebook(work, again, "mettmann:2024-07-05T10:00", missed.starts_at).id == again.id


def test_an_appointment_without_its_person_is_not_booked_again(work, now, conversation):
    booked = book(work, SLOT, conversation, topic="work", now=now)
    cancel(work, booked, now)
    booked.conversation_id = None
    with pytest.raises(AppointmentError, match="no person"):
        rebook(work, booked, THIRD, now)


def test_holds_are_forgotten_after_a_day(work, now, conversation, other):
    hold(work, "mettmann:2024-07-08T09:00", conversation, ANY, now)
    hold(work, "mettmann:2024-07-08T09:30", other, ANY, now + timedelta(days=2))
    assert not holds_of(work, conversation, now + timedelta(days=2))
    assert work.session.scalar(select(func.count()).select_from(Appointment)) == 1


def test_staff_see_appointments_and_not_what_is_only_held(work, now, conversation):
    booked = book(work, SLOT, conversation, topic="x", now=now)
    hold(work, NEXT, conversation, ANY, now)
    assert [one.id for one in conversation_view(work, conversation.id).appointments] == [booked.id]
