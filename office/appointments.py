"""Appointments: booked once, moved, cancelled. That nothing is booked twice is a rule of the database."""

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from office.clock import utc
from office.errors import AppointmentError, SlotTaken, TooManyAppointments, UnknownAppointment
from office.ics import ics
from office.resources import needs
from office.slots import Slot, busy, free_slots, parse_slot, pick, quanta
from office.store import Work
from office.tables import Allocation, Appointment, AppointmentEvent, Conversation

__all__ = [
    "MAX_OPEN",
    "Appointment",
    "Slot",
    "appointments_of",
    "book",
    "by_code",
    "cancel",
    "events",
    "free_slots",
    "get_appointment",
    "ics",
    "mark",
    "move",
]

# How many appointments one conversation may have ahead of it.
MAX_OPEN = 2
# Letters and digits that cannot be confused when spoken or written by hand (no B/D/P/T pairs, no O/0, I/1).
_LETTERS, _DIGITS = "AEFHKLMRUXY", "23456789"
_TRIES = 5


def book(
    work: Work,
    slot_id: str,
    conversation: Conversation,
    *,
    topic: str,
    now: datetime,
    language: str | None = None,
    key: str | None = None,
) -> Appointment:
    """Book a slot; the same key in the same conversation gives the same appointment (`duplicate` True).

    A cancelled appointment gives its key back, so the same slot can be booked again.
    `language` is the language to be interpreted, None: no interpreter.
    Raises SlotTaken, SlotUnknown or TooManyAppointments; the unit of work can go on after each of them.
    """
    work.changing(conversation)
    if key is not None and (first := _by_key(work, conversation, key)) is not None:
        first.duplicate = True
        return first
    slot = parse_slot(work, slot_id, now)
    if len(appointments_of(work, conversation, now)) >= MAX_OPEN:
        raise TooManyAppointments(f"This conversation has {MAX_OPEN} appointments already; cancel or move one of them.")
    appointment = Appointment(
        id=secrets.token_urlsafe(16),
        conversation_id=conversation.id,
        site=slot.site,
        topic=topic,
        language=language,
        starts_at=utc(slot.starts_at),
        ends_at=utc(slot.ends_at),
        state="booked",
        code=_new_code(work, slot.site),
        key=key,
        sequence=0,
        created_at=utc(now),
        changed_at=utc(now),
    )
    _allocate(work, slot, appointment, language, new=True)
    _note(work, appointment, "booked", now)
    return appointment


def move(work: Work, appointment: Appointment, slot_id: str, now: datetime) -> Appointment:
    """Move a booked appointment: same id and code, new time, sequence one higher; the old time is noted.

    Raises SlotTaken, SlotUnknown or AppointmentError, and leaves the old time booked then.
    """
    work.changing(appointment)
    _refuse_unless_ahead(appointment, now, "moved")
    slot = parse_slot(work, slot_id, now)
    if slot.site == appointment.site and utc(slot.starts_at) == appointment.starts_at:
        return appointment
    before = appointment.starts_at
    _allocate(work, slot, appointment, appointment.language, new=False)
    work.session.add(AppointmentEvent(appointment_id=appointment.id, at=utc(now), kind="moved_from", starts_at=before))
    appointment.sequence += 1
    appointment.changed_at = utc(now)
    _note(work, appointment, "moved", now)
    return appointment


def cancel(
    work: Work, appointment: Appointment, now: datetime, by: Literal["person", "office"] = "person"
) -> Appointment:
    """Cancel and free the time; a second time changes nothing. Raises AppointmentError once it has begun."""
    work.changing(appointment)
    if appointment.state in ("cancelled_by_person", "cancelled_by_office"):
        return appointment
    _refuse_unless_ahead(appointment, now, "cancelled")
    appointment.state = "cancelled_by_person" if by == "person" else "cancelled_by_office"
    appointment.key = None
    appointment.sequence += 1
    appointment.changed_at = utc(now)
    release(work, appointment)
    _note(work, appointment, appointment.state, now)
    return appointment


def mark(work: Work, appointment: Appointment, state: Literal["missed", "done"], now: datetime) -> Appointment:
    """Note what became of an appointment; raises AppointmentError before its time, or if it was cancelled."""
    work.changing(appointment)
    if appointment.state.startswith("cancelled") or utc(now) < appointment.starts_at:
        raise AppointmentError(
            f"Appointment {appointment.code} is {appointment.state} and begins at {appointment.starts_at}; "
            "only one whose time has come can be missed or done."
        )
    appointment.state = state
    appointment.changed_at = utc(now)
    _note(work, appointment, state, now)
    return appointment


def get_appointment(work: Work, id: str) -> Appointment:
    """Return the appointment with this public token; raises UnknownAppointment."""
    query = select(Appointment).where(Appointment.id == id)
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


def events(work: Work, appointment: Appointment) -> Sequence[AppointmentEvent]:
    """Return what happened to the appointment, the oldest first."""
    return work.session.scalars(
        select(AppointmentEvent).where(AppointmentEvent.appointment_id == appointment.id).order_by(AppointmentEvent.id)
    ).all()


def release(work: Work, appointment: Appointment) -> None:
    """Free everything the appointment holds."""
    work.session.execute(delete(Allocation).where(Allocation.appointment_id == appointment.id))


def _allocate(work: Work, slot: Slot, appointment: Appointment, language: str | None, *, new: bool) -> None:
    """Take one free resource of each kind for the slot, or raise SlotTaken and leave everything as it was."""
    groups = needs(work, slot.site, language)
    everything = [resource for group in groups for resource in group]
    for _ in range(_TRIES):
        taken = busy(work, everything, slot.starts_at, slot.ends_at)
        if not new:
            # Its own present time does not stand in its own way (half an hour later, same counter).
            taken -= _own(work, appointment)
        chosen = pick((slot.starts_at, slot.ends_at), groups, taken)
        if chosen is None:
            break
        if _write(work, slot, appointment, chosen, new=new):
            return
        if new:
            # It may have been the code that another writer was quicker with.
            appointment.code = _new_code(work, slot.site)
    raise SlotTaken(f"{slot.id} has just been taken; offer the next free slots.")


def _write(work: Work, slot: Slot, appointment: Appointment, resources: list[str], *, new: bool) -> bool:
    """Write appointment and allocations; False if another writer took one of the resources meanwhile."""
    allocations = [
        Allocation(resource_id=resource, quantum_start=start, appointment_id=appointment.id)
        for resource in sorted(resources)
        for start in quanta(slot.starts_at, slot.ends_at)
    ]
    try:
        with work.session.begin_nested():
            if new:
                work.session.add(appointment)
            else:
                release(work, appointment)
                appointment.site = slot.site
                appointment.starts_at, appointment.ends_at = utc(slot.starts_at), utc(slot.ends_at)
            work.session.flush()
            work.session.add_all(allocations)
            work.session.flush()
    except IntegrityError:
        return False
    return True


def _own(work: Work, appointment: Appointment) -> set[tuple[str, datetime]]:
    rows = work.session.execute(
        select(Allocation.resource_id, Allocation.quantum_start).where(Allocation.appointment_id == appointment.id)
    )
    return {(resource, start) for resource, start in rows}


def _by_key(work: Work, conversation: Conversation, key: str) -> Appointment | None:
    return work.session.scalar(
        select(Appointment).where(Appointment.conversation_id == conversation.id, Appointment.key == key)
    )


def _new_code(work: Work, site_id: str) -> str:
    """Return a code that no booked appointment of the site has, like K7R4; longer in a very full office."""
    used = set(
        work.session.scalars(select(Appointment.code).where(Appointment.site == site_id, Appointment.state == "booked"))
    )
    # There are 7744 of letter, digit, letter, digit; guesses must not become rare hits.
    pairs = 2 + len(used) // 4000
    while True:
        code = "".join(secrets.choice(kind) for kind in (_LETTERS, _DIGITS) * pairs)
        if code not in used:
            return code


def _note(work: Work, appointment: Appointment, kind: str, now: datetime) -> None:
    work.session.add(
        AppointmentEvent(appointment_id=appointment.id, at=utc(now), kind=kind, starts_at=appointment.starts_at)
    )
    work.session.flush()


def _refuse_unless_ahead(appointment: Appointment, now: datetime, done: str) -> None:
    if appointment.state != "booked":
        raise AppointmentError(
            f"Appointment {appointment.code} is {appointment.state}; only a booked one can be {done}."
        )
    if appointment.starts_at <= utc(now):
        raise AppointmentError(f"Appointment {appointment.code} has begun; it can no longer be {done}.")
