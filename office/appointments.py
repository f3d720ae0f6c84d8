"""Appointments: held, booked once, moved, cancelled. That nothing is booked twice is a rule of the database."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import select

from office.allocation import HOLD, free, is_live, keep, live_holds, lock, make, new_code, offers, place, transfer
from office.clock import utc
from office.errors import (
    AppointmentError,
    HoldExpired,
    NoHours,
    NoInterpreter,
    NoMeans,
    SlotTaken,
    SlotUnknown,
    UnknownAppointment,
    UnknownSite,
)
from office.ics import ics
from office.limits import MAX_HOLDS, MAX_OPEN, refuse_hoarding, refuse_too_many
from office.notifications import notify, withdraw_reminders
from office.resources import Terms, terms
from office.slots import Search, Slot, Wish, free_slots, lenient, place_of, slot_start, terms_of
from office.store import Work
from office.tables import Allocation, Appointment, AppointmentEvent, Conversation, Gender
from office.waiting import enter, fulfilled, serve

__all__ = [
    "MAX_HOLDS",
    "MAX_OPEN",
    "Appointment",
    "Slot",
    "appointments_of",
    "appointments_with",
    "book",
    "by_code",
    "cancel",
    "confirm",
    "events",
    "free_slots",
    "get_appointment",
    "hold",
    "hold_of",
    "holds_of",
    "ics",
    "mark",
    "move",
    "rebook",
    "release_hold",
    "release_holds",
    "resources_of",
]

OFFERED_INSTEAD = 3


# holding and booking -------------------------------------------------------------------------------------------


def hold(
    work: Work,
    slot_id: str,
    conversation: Conversation,
    wish: Wish,
    now: datetime,
    *,
    key: str | None = None,
    replaces: Appointment | None = None,
) -> Appointment:
    """Keep a slot for ten minutes; the same slot or key again gives the same appointment (`duplicate` True).

    The means are those of the slot. `replaces`: the appointment that moves here when the hold is confirmed.
    Raises SlotTaken, SlotUnknown, TooManyAppointments, TooManyHolds, NoMeans or NoInterpreter; the unit of
    work can go on after each of them.
    """
    work.changing(conversation)
    if replaces is not None:
        _refuse_unless_ahead(replaces, now, "moved")
    site_id, means = place_of(work, slot_id)
    wish = replace(wish, means=means)
    enter(work, {site_id}, now)
    present = _present(work, conversation)
    if (first := _found(present, slot_id, key, now)) is not None:
        return first
    if replaces is None:
        refuse_too_many(present, now)
    refuse_hoarding(work, conversation.id, present, now)
    slot, chosen, search = _chosen(work, slot_id, wish, now, terms_of(work, site_id))
    held = make(slot, conversation.id, wish, now, key=key)
    held.state, held.held_until = "held", utc(now) + HOLD
    held.replaces = replaces.id if replaces else None
    _put(work, held, slot, chosen, search)
    return held


def confirm(work: Work, hold_id: str, conversation: Conversation, now: datetime) -> Appointment:
    """Book what is held; twice gives the same appointment (`duplicate` True).

    Where the hold replaces an appointment, that one is moved and returned. Raises HoldExpired if the time is
    no longer held for this conversation, and TooManyAppointments.
    """
    work.changing(conversation)
    held = _own(work, conversation, hold_id)
    if held is None:
        raise HoldExpired("There is no such hold in this conversation; offer the free slots again.")
    moving = _own(work, conversation, held.replaces) if held.replaces else None
    if held.state != "held" or (moving is not None and _is_moved_to(moving, held)):
        found = moving if held.state == "held" and moving is not None else held
        found.duplicate = True
        return found
    enter(work, {held.site, *([moving.site] if moving else [])}, now)
    if not is_live(held, now):
        raise _expired(work, held, now)
    if moving is not None and _is_ahead(moving, now):
        return _move_onto(work, held, moving, now)
    refuse_too_many(_present(work, conversation), now)
    if not keep(work, held):
        raise _expired(work, held, now)
    held.state, held.held_until, held.replaces = "booked", None, None
    held.changed_at = utc(now)
    _booked(work, held, now)
    return held


def book(
    work: Work,
    slot_id: str,
    conversation: Conversation,
    *,
    topic: str,
    now: datetime,
    language: str | None = None,
    gender: Gender | None = None,
    key: str | None = None,
) -> Appointment:
    """Book a slot in one step; the same key in the same conversation gives the same appointment (`duplicate` True).

    What the conversation holds at this time, offers of the waiting list included, is confirmed. A cancelled
    appointment gives its key back, so the same slot can be booked again. `language` is the language to be
    interpreted, None: no interpreter; one that nobody here interprets needs none.
    Raises SlotTaken, SlotUnknown, TooManyAppointments or NoMeans; the unit of work can go on after each of them.
    """
    work.changing(conversation)
    wish = Wish(topic=topic, interpreter=language, gender=gender)
    site_id, means = place_of(work, slot_id)
    site = terms_of(work, site_id)
    wish = lenient(site, replace(wish, means=means))
    enter(work, {site_id}, now)
    present = _present(work, conversation)
    if (found := _found(present, slot_id, key, now)) is not None:
        return confirm(work, found.id, conversation, now) if found.state == "held" else found
    refuse_too_many(present, now)
    slot, chosen, search = _chosen(work, slot_id, wish, now, site)
    appointment = make(slot, conversation.id, wish, now, key=key)
    appointment.language, appointment.gender = language, gender
    appointment.code = new_code(work, slot.site)
    _put(work, appointment, slot, chosen, search)
    _booked(work, appointment, now)
    return appointment


def hold_of(work: Work, hold_id: str, conversation: Conversation, now: datetime) -> Appointment | None:
    """Return what the conversation holds under this id; None if it ran out or is not theirs."""
    return next((held for held in holds_of(work, conversation, now) if held.id == hold_id), None)


def holds_of(work: Work, conversation: Conversation, now: datetime) -> Sequence[Appointment]:
    """Return what the conversation holds now, offers of the waiting list included, the shortest first."""
    return live_holds(work, conversation.id, now)


def release_hold(work: Work, held: Appointment, now: datetime) -> None:
    """Give a hold back before it runs out; one that is none any more is left alone."""
    lock(work, held)
    if held.state != "held" or not is_live(held, now):
        return
    enter(work, {held.site}, now)
    free(work, held)
    # The row stays for a day: it counts against holding again and again.
    held.held_until, held.key = utc(now), None
    work.session.flush()
    serve(work, {held.site}, now)


def release_holds(work: Work, conversation: Conversation, now: datetime) -> None:
    """Give back everything the conversation holds, except what the waiting list offers."""
    holds = holds_of(work, conversation, now)
    for held in holds:
        if held.id not in offers(work, holds):
            release_hold(work, held, now)


def rebook(work: Work, appointment: Appointment, slot_id: str, now: datetime, *, key: str | None = None) -> Appointment:
    """Book a new time for the same matter and interpreter as an earlier appointment; a booked one is moved.

    Raises what book() and move() raise, and AppointmentError if its person has been erased.
    """
    if appointment.state == "booked" and appointment.starts_at > utc(now):
        return move(work, appointment, slot_id, now)
    conversation = work.session.get(Conversation, appointment.conversation_id or "")
    if conversation is None:
        raise AppointmentError(f"Appointment {appointment.code} has no person any more; book a new one.")
    return book(
        work,
        slot_id,
        conversation,
        topic=appointment.topic,
        now=now,
        language=appointment.language,
        gender=appointment.gender,
        key=key or f"again:{appointment.id}:{slot_id}"[:256],
    )


# changing ------------------------------------------------------------------------------------------------------


def move(work: Work, appointment: Appointment, slot_id: str, now: datetime) -> Appointment:
    """Move a booked appointment: same id and code, new time, sequence one higher; the old time is noted.

    Raises SlotTaken, SlotUnknown, NoMeans or AppointmentError, and leaves the old time booked then.
    """
    lock(work, appointment)
    _refuse_unless_ahead(appointment, now, "moved")
    wish = _wish(appointment)
    site_id, means = place_of(work, slot_id)
    site = terms_of(work, site_id)
    wish = lenient(site, replace(wish, means=means))
    enter(work, {site_id, appointment.site}, now)
    # only now: a time that came free at this moment may just have been offered to this very person
    own = _held_at(work, appointment.conversation_id, slot_id, now)
    if _is_at(appointment, slot_id):
        return appointment
    if own is not None:
        return _move_onto(work, own, appointment, now)
    slot, chosen, search = _chosen(work, slot_id, wish, now, site, ignoring=appointment.id)
    before, left = appointment.starts_at, appointment.site
    withdraw_reminders(work, appointment)
    _put(work, appointment, slot, chosen, search)
    _moved(work, appointment, before, {left, slot.site}, now)
    return appointment


def cancel(
    work: Work, appointment: Appointment, now: datetime, by: Literal["person", "office"] = "person"
) -> Appointment:
    """Cancel and free the time; a second time changes nothing. Raises AppointmentError once it has begun."""
    lock(work, appointment)
    if appointment.state in ("cancelled_by_person", "cancelled_by_office"):
        return appointment
    _refuse_unless_ahead(appointment, now, "cancelled")
    enter(work, {appointment.site}, now)
    withdraw_reminders(work, appointment)
    appointment.state = "cancelled_by_person" if by == "person" else "cancelled_by_office"
    appointment.key = None
    appointment.sequence += 1
    appointment.changed_at = utc(now)
    free(work, appointment)
    _note(work, appointment, appointment.state, now)
    notify(work, appointment, appointment.state, now, at_once=by == "office")
    serve(work, {appointment.site}, now)
    return appointment


def mark(work: Work, appointment: Appointment, state: Literal["missed", "done"], now: datetime) -> Appointment:
    """Note what became of an appointment; raises AppointmentError before its time, or if it was cancelled."""
    lock(work, appointment)
    if appointment.state not in ("booked", "missed", "done") or utc(now) < appointment.starts_at:
        raise AppointmentError(
            f"Appointment {appointment.code} is {appointment.state} and begins at {appointment.starts_at}; "
            "only one whose time has come can be missed or done."
        )
    if appointment.state == state:
        return appointment
    appointment.state = state
    appointment.changed_at = utc(now)
    _note(work, appointment, state, now)
    work.session.flush()
    if state == "missed":
        notify(work, appointment, state, now, at_once=True)
    return appointment


# reading -------------------------------------------------------------------------------------------------------


def get_appointment(work: Work, id: str) -> Appointment:
    """Return the appointment with this public token; raises UnknownAppointment. A hold is none yet."""
    query = select(Appointment).where(Appointment.id == id, Appointment.state != "held")
    found = work.session.scalar(query.with_for_update() if work.writing else query)
    if found is None:
        raise UnknownAppointment("There is no such appointment; it may have been erased.")
    return found


def by_code(work: Work, site_id: str, code: str) -> Appointment | None:
    """Return the booked appointment with the code said at the counter; None if the site has none."""
    return work.session.scalar(
        select(Appointment).where(
            Appointment.site == site_id,
            Appointment.code == "".join(code.split()).upper(),
            Appointment.state == "booked",
        )
    )


def appointments_of(work: Work, conversation: Conversation, now: datetime) -> Sequence[Appointment]:
    """Return the booked appointments that are not over, the next one first."""
    return work.session.scalars(
        select(Appointment)
        .where(
            Appointment.conversation_id == conversation.id,
            Appointment.state == "booked",
            Appointment.ends_at > utc(now),
        )
        .order_by(Appointment.starts_at)
    ).all()


def appointments_with(work: Work, resource_id: str, first: datetime, last: datetime) -> Sequence[Appointment]:
    """Return the booked appointments that need this resource in a time, for instance in an absence."""
    return work.session.scalars(
        select(Appointment)
        .join(Allocation, Allocation.appointment_id == Appointment.id)
        .where(
            Allocation.resource_id == resource_id,
            Appointment.state == "booked",
            Appointment.starts_at < utc(last),
            Appointment.ends_at > utc(first),
        )
        .distinct()
        .order_by(Appointment.starts_at)
    ).all()


def resources_of(work: Work, appointment: Appointment) -> list[str]:
    """Return the ids of the adviser, room and interpreter of an appointment."""
    ids = select(Allocation.resource_id).where(Allocation.appointment_id == appointment.id).distinct()
    return sorted(work.session.scalars(ids))


def events(work: Work, appointment: Appointment) -> Sequence[AppointmentEvent]:
    """Return what happened to the appointment, the oldest first."""
    return work.session.scalars(
        select(AppointmentEvent).where(AppointmentEvent.appointment_id == appointment.id).order_by(AppointmentEvent.id)
    ).all()


# steps ---------------------------------------------------------------------------------------------------------


def _chosen(
    work: Work, slot_id: str, wish: Wish, now: datetime, site: Terms, ignoring: str | None = None
) -> tuple[Slot, list[str], Search]:
    """Return the slot and who takes part; raises SlotTaken or SlotUnknown with the next free slots."""
    search = Search(work, site, wish, now, ignoring)
    try:
        slot, chosen = search.choose(slot_id)
    except SlotUnknown as error:
        raise SlotUnknown(str(error), _instead(search, slot_start(slot_id))) from None
    if chosen is None:
        raise SlotTaken(f"{slot_id} has just been taken; offer the next free slots.", _instead(search, slot.starts_at))
    return slot, chosen, search


def _put(work: Work, appointment: Appointment, slot: Slot, chosen: list[str], search: Search) -> None:
    try:
        place(work, appointment, slot, chosen, search)
    except SlotTaken as error:
        raise SlotTaken(str(error), _instead(search, slot.starts_at)) from None


def _instead(search: Search, after: datetime | None) -> list[Slot]:
    """Return the next three free slots: of the wish, then of other days and hours, then earlier ones."""
    loose = replace(search.wish, first_day=None, last_day=None, part=None, weekdays=None)
    anytime = Search(search.work, search.terms, loose, search.now, search.ignoring)
    tries = [(search, after)] if loose == search.wish else [(search, after), (anytime, after)]
    found: dict[str, Slot] = {}
    for one, moment in [*tries, (anytime, None)]:
        if len(found) < OFFERED_INSTEAD:
            found.update((slot.id, slot) for slot in one.first(OFFERED_INSTEAD, moment))
    return sorted(list(found.values())[:OFFERED_INSTEAD], key=lambda slot: slot.starts_at)


def _expired(work: Work, held: Appointment, now: datetime) -> HoldExpired:
    """Return the refusal of a hold that ran out, with its own time first if nobody has taken it."""
    try:
        search = Search(work, terms(work, held.site), _wish(held), now)
        after = held.starts_at - timedelta(microseconds=1)
        return HoldExpired("The slot was held for ten minutes; offer it again.", _instead(search, after))
    except (NoHours, UnknownSite, NoMeans, NoInterpreter):
        return HoldExpired("The slot is no longer held, and the office offers nothing like it any more.")


def _wish(appointment: Appointment) -> Wish:
    return Wish(appointment.topic, appointment.means, appointment.language, appointment.gender)


def _present(work: Work, conversation: Conversation) -> Sequence[Appointment]:
    """Return what the conversation has that is not cancelled, whatever became of it."""
    query = select(Appointment).where(
        Appointment.conversation_id == conversation.id, ~Appointment.state.startswith("cancelled")
    )
    return work.session.scalars(query.order_by(Appointment.created_at)).all()


def _found(present: Sequence[Appointment], slot_id: str, key: str | None, now: datetime) -> Appointment | None:
    """Return what the conversation has already under this key or at this time; None if nothing."""
    for one in present:
        ran_out = one.state == "held" and not is_live(one, now)
        if ran_out and one.key is not None and one.key == key:
            # The key may be used again.
            one.key = None
        elif not ran_out and ((key is not None and one.key == key) or _is_at(one, slot_id)):
            one.duplicate = True
            return one
    return None


def _own(work: Work, conversation: Conversation, id: str) -> Appointment | None:
    """Return an appointment or hold of this conversation, locked and as it is now."""
    query = select(Appointment).where(Appointment.id == id, Appointment.conversation_id == conversation.id)
    return work.session.scalar(query.with_for_update().execution_options(populate_existing=True))


def _held_at(work: Work, conversation_id: str | None, slot_id: str, now: datetime) -> Appointment | None:
    holds = live_holds(work, conversation_id, now) if conversation_id else ()
    return next((held for held in holds if _is_at(held, slot_id)), None)


def _is_at(appointment: Appointment, slot_id: str) -> bool:
    site, _, _ = slot_id.partition(":")
    start = slot_start(slot_id)
    means = slot_id.rpartition(":")[2]
    return (
        start is not None
        and appointment.site == site
        and appointment.starts_at == utc(start)
        and appointment.means == (means if means in ("phone", "video") else "on_site")
    )


def _is_moved_to(appointment: Appointment, held: Appointment) -> bool:
    """Return whether a hold has been confirmed already by moving this appointment to it."""
    return (appointment.site, appointment.starts_at, appointment.means) == (held.site, held.starts_at, held.means)


def _move_onto(work: Work, held: Appointment, appointment: Appointment, now: datetime) -> Appointment:
    """Move an appointment to the time that is held for it."""
    if not keep(work, held):
        raise _expired(work, held, now)
    before, left = appointment.starts_at, appointment.site
    withdraw_reminders(work, appointment)
    transfer(work, held, appointment)
    appointment.site, appointment.means = held.site, held.means
    appointment.starts_at, appointment.ends_at = held.starts_at, held.ends_at
    appointment.language, appointment.gender = held.language, held.gender
    # The row stays for a day, so that a second confirmation finds what became of it.
    held.held_until, held.key, held.replaces = utc(now), None, appointment.id
    work.session.flush()
    _moved(work, appointment, before, {left, held.site}, now)
    return appointment


def _booked(work: Work, appointment: Appointment, now: datetime) -> None:
    if not appointment.code:
        appointment.code = new_code(work, appointment.site)
    _note(work, appointment, "booked", now)
    notify(work, appointment, "booked", now, remind=True)
    if fulfilled(work, appointment):
        serve(work, {appointment.site}, now)


def _moved(work: Work, appointment: Appointment, before: datetime, sites: set[str], now: datetime) -> None:
    work.session.add(AppointmentEvent(appointment_id=appointment.id, at=utc(now), kind="moved_from", starts_at=before))
    appointment.sequence += 1
    appointment.changed_at = utc(now)
    _note(work, appointment, "moved", now)
    notify(work, appointment, "moved", now, remind=True)
    fulfilled(work, appointment)
    serve(work, sites, now)


def _note(work: Work, appointment: Appointment, kind: str, now: datetime) -> None:
    # Written with whatever is written next.
    work.session.add(
        AppointmentEvent(appointment_id=appointment.id, at=utc(now), kind=kind, starts_at=appointment.starts_at)
    )


def _is_ahead(appointment: Appointment, now: datetime) -> bool:
    return appointment.state == "booked" and appointment.starts_at > utc(now)


def _refuse_unless_ahead(appointment: Appointment, now: datetime, done: str) -> None:
    if appointment.state != "booked":
        raise AppointmentError(
            f"Appointment {appointment.code} is {appointment.state}; only a booked one can be {done}."
        )
    if appointment.starts_at <= utc(now):
        raise AppointmentError(f"Appointment {appointment.code} has begun; it can no longer be {done}.")
