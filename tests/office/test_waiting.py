"""The waiting list: in order, held in their favour, with a deadline that is not in the night."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from office.appointments import MAX_OPEN, book, cancel, confirm, events, hold, move
from office.conversations import get_conversation, start_conversation
from office.erasure import erase_conversation
from office.errors import HoldExpired, NoHours, NoInterpreter, SlotTaken, UnknownSite, WaitingError
from office.slots import Wish, search
from office.tables import Outbox, Waiting
from office.waiting import (
    decline,
    join,
    leave,
    offer_ends,
    offer_of,
    pass_on,
    place_in_line,
    sites_with_people_waiting,
    waiting_of,
)

BERLIN = ZoneInfo("Europe/Berlin")
FRIDAY = date(2024, 7, 5)
WISH = Wish.on(FRIDAY)
SLOT, NEXT = "mettmann:2024-07-05T09:00", "mettmann:2024-07-05T09:30"


@pytest.fixture
def full(work, now):
    """Friday is booked up; gives the appointments by their time."""
    found = {}
    for slot in search(work, "mettmann", now, WISH, n=100):
        found[slot.id] = book(work, slot.id, person(work, now), topic="x", now=now)
    return found


def person(work, now):
    return start_conversation(work, channel="web", now=now)


@pytest.fixture
def first(work, now):
    return person(work, now)


@pytest.fixture
def second(work, now):
    return person(work, now)


def hours(number):
    return timedelta(hours=number)


def said(work):
    entries = work.session.scalars(select(Outbox).where(Outbox.key.contains("waiting")).order_by(Outbox.id))
    return [entry.payload["response"] for entry in entries]


def test_a_freed_time_is_held_for_the_first_in_line(work, now, full, first, second):
    one, two = join(work, first, "mettmann", WISH, now), join(work, second, "mettmann", WISH, now)
    assert [(entry.state, place_in_line(work, entry)) for entry in (one, two)] == [("waiting", 1), ("waiting", 2)]
    cancel(work, full[SLOT], now)
    offer = offer_of(work, first, now)
    assert (offer.starts_at, offer.state) == (full[SLOT].starts_at, "held")
    assert (one.state, two.state) == ("offered", "waiting")
    with pytest.raises(SlotTaken):
        book(work, SLOT, person(work, now), topic="x", now=now)
    booked = confirm(work, offer.id, first, now + hours(1))
    assert booked.state == "booked"
    assert waiting_of(work, first, now) is None
    assert place_in_line(work, two) == 1


def test_pressing_the_offered_time_books_it(work, now, full, first):
    join(work, first, "mettmann", Wish.on(FRIDAY, topic="benefits"), now)
    cancel(work, full[SLOT], now)
    booked = book(work, SLOT, first, topic="other", now=now)
    assert (booked.state, booked.topic) == ("booked", "benefits")


def test_an_offer_that_runs_out_passes_on_to_the_next(work, now, full, first, second):
    join(work, first, "mettmann", WISH, now)
    join(work, second, "mettmann", WISH, now)
    cancel(work, full[SLOT], now)
    offer = offer_of(work, first, now).id
    later = now + hours(3)
    assert offer_of(work, first, later) is None
    pass_on(work, "mettmann", later)
    assert offer_of(work, second, later).starts_at == full[SLOT].starts_at
    assert waiting_of(work, first, later) is None
    with pytest.raises(HoldExpired):
        confirm(work, offer, first, later)
    assert said(work) == ["notify.waiting_offer", "notify.waiting_passed", "notify.waiting_offer"]


def test_whoever_comes_by_lets_the_list_go_first(work, now, full, first, second):
    """No worker is needed for the order: a booking itself passes on what ran out."""
    join(work, first, "mettmann", WISH, now)
    join(work, second, "mettmann", WISH, now)
    cancel(work, full[SLOT], now)
    with pytest.raises(SlotTaken):
        book(work, SLOT, person(work, now), topic="x", now=now + hours(3))
    assert offer_of(work, second, now + hours(3)) is not None


def test_declining_keeps_the_place_and_is_not_asked_again(work, now, full, first, second):
    entry = join(work, first, "mettmann", WISH, now)
    join(work, second, "mettmann", WISH, now)
    cancel(work, full[SLOT], now)
    decline(work, first, now)
    assert (entry.state, place_in_line(work, entry)) == ("waiting", 1)
    assert offer_of(work, second, now) is not None
    cancel(work, full[NEXT], now)
    assert offer_of(work, first, now).starts_at == full[NEXT].starts_at


def test_there_is_nothing_to_decline_without_an_offer(work, now, full, first):
    with pytest.raises(WaitingError):
        decline(work, first, now)
    join(work, first, "mettmann", WISH, now)
    with pytest.raises(WaitingError):
        decline(work, first, now)


def test_leaving_passes_the_offer_on_and_twice_is_the_same_as_once(work, now, full, first, second):
    join(work, first, "mettmann", WISH, now)
    join(work, second, "mettmann", WISH, now)
    cancel(work, full[SLOT], now)
    leave(work, first, now)
    leave(work, first, now)
    assert waiting_of(work, first, now) is None
    assert offer_of(work, second, now) is not None


def test_joining_again_keeps_the_place_and_changes_the_wish(work, now, full, first, second):
    join(work, first, "mettmann", WISH, now)
    join(work, second, "mettmann", WISH, now)
    again = join(work, first, "mettmann", Wish.on(FRIDAY, part="afternoon"), now)
    assert (again.duplicate, place_in_line(work, again)) == (True, 1)
    cancel(work, full[SLOT], now)
    assert offer_of(work, first, now) is None
    assert offer_of(work, second, now) is not None


def test_who_joins_while_something_is_free_is_offered_it_at_once(work, now, first):
    assert join(work, first, "mettmann", WISH, now).state == "offered"
    assert offer_of(work, first, now).starts_at == datetime(2024, 7, 5, 8, 30, tzinfo=BERLIN)


def test_only_a_time_that_fits_the_wish_is_offered(work, now, full, first):
    join(work, first, "mettmann", Wish.on(FRIDAY, interpreter="ar"), now)
    from office.resources import add_absence

    add_absence(work, "mettmann:interpreter:file:arabic", datetime(2024, 7, 5, 8, tzinfo=BERLIN), full[NEXT].starts_at)
    cancel(work, full[SLOT], now)
    assert offer_of(work, first, now) is None
    cancel(work, full[NEXT], now)
    offer = offer_of(work, first, now)
    assert (offer.starts_at, offer.language) == (full[NEXT].starts_at, "ar")


def test_an_expired_hold_of_somebody_else_is_offered(work, now, full, first):
    cancel(work, full[SLOT], now)
    hold(work, SLOT, person(work, now), Wish(), now)
    join(work, first, "mettmann", WISH, now)
    assert offer_of(work, first, now) is None
    pass_on(work, "mettmann", now + timedelta(minutes=10))
    assert offer_of(work, first, now + timedelta(minutes=10)) is not None


def test_an_earlier_time_can_be_waited_for_and_moves_the_appointment(work, now, full, first):
    late = book(work, "mettmann:2024-08-20T09:00", first, topic="x", now=now)
    entry = join(work, first, "mettmann", Wish(last_day=FRIDAY, first_day=FRIDAY), now, replaces=late)
    cancel(work, full[SLOT], now)
    offer = offer_of(work, first, now)
    moved = confirm(work, offer.id, first, now)
    assert (moved.id, moved.starts_at) == (late.id, full[SLOT].starts_at)
    assert [event.kind for event in events(work, late)] == ["booked", "moved_from", "moved"]
    assert entry.state == "accepted"


def test_who_waits_for_an_earlier_time_is_not_offered_a_later_one(work, now, full, first):
    soon = book(work, "mettmann:2024-07-02T09:00", first, topic="x", now=now)
    join(work, first, "mettmann", WISH, now, replaces=soon)
    cancel(work, full[SLOT], now)
    assert offer_of(work, first, now) is None


def test_who_books_something_else_for_the_matter_waits_no_longer(work, now, full, first, second):
    join(work, first, "mettmann", WISH, now)
    join(work, second, "mettmann", WISH, now)
    cancel(work, full[SLOT], now)
    book(work, "mettmann:2024-07-04T09:00", first, topic="other", now=now)
    assert waiting_of(work, first, now) is None
    assert offer_of(work, second, now) is not None


def test_moving_away_from_a_time_offers_it(work, now, full, first):
    join(work, first, "mettmann", WISH, now)
    move(work, full[SLOT], "mettmann:2024-07-08T09:00", now)
    assert offer_of(work, first, now).starts_at == datetime(2024, 7, 5, 9, tzinfo=BERLIN)


def test_who_erases_everything_leaves_the_list_and_the_offer_passes_on(work, now, full, first, second):
    ids = [join(work, one, "mettmann", WISH, now).conversation_id for one in (first, second)]
    cancel(work, full[SLOT], now)
    erase_conversation(work, first, now)
    assert offer_of(work, get_conversation(work, ids[1]), now) is not None
    assert [row.conversation_id for row in work.session.scalars(select(Waiting))] == [ids[1]]


def test_what_can_never_be_had_cannot_be_waited_for(work, now, first):
    with pytest.raises(UnknownSite):
        join(work, first, "atlantis", WISH, now)
    with pytest.raises(NoHours):
        join(work, first, "warendorf", WISH, now)
    with pytest.raises(NoInterpreter):
        join(work, first, "mettmann", Wish(interpreter="ti"), now)


def test_who_has_as_many_appointments_as_allowed_cannot_wait_for_another(work, now, first):
    for number in range(MAX_OPEN):
        book(work, f"mettmann:2024-07-02T1{number}:00", first, topic="x", now=now)
    with pytest.raises(WaitingError):
        join(work, first, "mettmann", WISH, now)


def test_only_sites_with_somebody_waiting_are_looked_at(work, now, full, first):
    assert sites_with_people_waiting(work) == []
    join(work, first, "mettmann", WISH, now)
    assert sites_with_people_waiting(work) == ["mettmann"]


@pytest.mark.parametrize(
    ("freed", "ends"),
    [("09:00", "12:00"), ("17:00", "20:00"), ("18:30", "09:30+1"), ("19:59", "10:59+1"), ("20:00", "11:00+1"),
     ("23:59", "11:00+1"), ("00:00", "11:00"), ("07:59", "11:00"), ("08:00", "11:00")],
)  # fmt: skip
def test_an_offer_lasts_three_hours_of_the_day(freed, ends):
    """18:30: an hour and a half until 20:00, the other half from 8:00 next morning."""
    now = datetime.fromisoformat(f"2024-07-01T{freed}").replace(tzinfo=BERLIN)
    clock, _, next_day = ends.partition("+")
    expected = datetime.fromisoformat(f"2024-07-0{2 if next_day else 1}T{clock}").replace(tzinfo=BERLIN)
    assert offer_ends(now) == expected


def test_the_deadline_is_right_in_the_night_the_clocks_change():
    """31 March 2024: from 19:00 one hour until 20:00, then two from 8:00 summer time."""
    now = datetime(2024, 3, 30, 19, 0, tzinfo=BERLIN)
    assert offer_ends(now) == datetime(2024, 3, 31, 10, 0, tzinfo=BERLIN)
