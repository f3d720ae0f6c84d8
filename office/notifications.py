"""What the office tells by itself: written with the change it tells of, said once, never for the past.

An entry holds a response name and values: when and where, never what the visit is about.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select

from office import outbox
from office.clock import utc
from office.outbox import Letter, Outbox
from office.store import Work
from office.tables import Appointment, Conversation, Waiting

__all__ = [
    "KIND",
    "Notification",
    "due_notifications",
    "notification_key",
    "notify",
    "plan_reminders",
    "said",
    "set_reminders",
    "told",
    "withdraw_reminders",
]

KIND = "notify"
# So long the chat has to say it in its own answer before it is said by itself.
PATIENCE = timedelta(minutes=1)
REMINDERS = {"reminder_days": timedelta(hours=48), "reminder_hours": timedelta(hours=3)}


@dataclass(frozen=True)
class Notification:
    """Something to be said now in a conversation; `appointment` None: the waiting list has nothing left of it."""

    entry: Outbox
    conversation: Conversation
    response: str
    values: dict[str, Any]
    appointment: Appointment | None


def notification_key(appointment: Appointment, event: str | None = None) -> str:
    """Return the key of what is told about the appointment's present state ('booked', 'moved', 'missed' …)."""
    if event is None:
        event = "moved" if appointment.state == "booked" and appointment.sequence else appointment.state
    return f"{KIND}:{appointment.id}:{event}:{appointment.sequence}"


def notify(
    work: Work, appointment: Appointment, event: str, now: datetime, *, at_once: bool = False, remind: bool = False
) -> None:
    """Have the person told of an event, and with `remind` reminded of what is ahead.

    Nobody is told of an appointment that has no person any more.
    """
    letters = [_letter(appointment, event, None if at_once else utc(now) + PATIENCE)]
    _put(work, appointment, letters + (_reminders(work, appointment, now) if remind else []))


def _put(work: Work, appointment: Appointment, letters: list[Letter]) -> None:
    if appointment.conversation_id is not None and letters:
        outbox.put_all(work, KIND, letters, appointment.conversation_id)


def _letter(appointment: Appointment, event: str, not_before: datetime | None) -> Letter:
    payload = {"response": f"{KIND}.{event}", "values": _values(appointment), "appointment": appointment.id}
    return Letter(payload, notification_key(appointment, event), not_before)


def _values(appointment: Appointment) -> dict[str, Any]:
    moment = appointment.starts_at.isoformat()
    values = {"site": appointment.site, "day": moment, "day_de": moment, "time": moment, "means": appointment.means}
    if appointment.state == "held" and appointment.held_until is not None:
        until = appointment.held_until.isoformat()
        return {**values, "until_day": until, "until_time": until}
    return {**values, "code": appointment.code, "link": f"/api/appointments/{appointment.id}.ics"}


def plan_reminders(work: Work, appointment: Appointment, now: datetime) -> None:
    """Plan the reminders of a booked appointment that are still ahead, unless the person wants none."""
    _put(work, appointment, _reminders(work, appointment, now))


def _reminders(work: Work, appointment: Appointment, now: datetime) -> list[Letter]:
    conversation = work.session.get(Conversation, appointment.conversation_id or "")
    if conversation is None or not conversation.reminders or appointment.state != "booked":
        return []
    moments = {event: appointment.starts_at - before for event, before in REMINDERS.items()}
    return [_letter(appointment, event, moment) for event, moment in moments.items() if moment > utc(now)]


def withdraw_reminders(work: Work, appointment: Appointment) -> None:
    """Take back the reminders of the appointment's present time that were not said yet."""
    keys = [notification_key(appointment, event) for event in REMINDERS]
    work.session.execute(
        delete(Outbox)
        .where(Outbox.key.in_(keys), Outbox.state == "pending")
        .execution_options(synchronize_session="fetch")
    )


def set_reminders(work: Work, conversation: Conversation, on: bool, now: datetime) -> None:
    """Let the person be reminded of appointments, or not; what is planned follows at once."""
    work.changing(conversation)
    conversation.reminders = on
    work.session.flush()
    booked = select(Appointment).where(
        Appointment.conversation_id == conversation.id,
        Appointment.state == "booked",
        Appointment.starts_at > utc(now),
    )
    for appointment in work.session.scalars(booked).all():
        if on:
            plan_reminders(work, appointment, now)
        else:
            withdraw_reminders(work, appointment)


def told(work: Work, conversation: Conversation, keys: Sequence[str], now: datetime) -> None:
    """Note that the chat has said these things itself; keys of other conversations are left alone."""
    query = select(Outbox).where(
        Outbox.key.in_(keys),
        Outbox.kind == KIND,
        Outbox.conversation_id == conversation.id,
        Outbox.state == "pending",
    )
    for entry in work.session.scalars(query).all():
        outbox.done(work, entry, now)


def said(work: Work, notification: Notification, now: datetime) -> None:
    """Note that it was said; to be called in the unit of work that stores the message."""
    outbox.done(work, notification.entry, now)


def due_notifications(work: Work, now: datetime, limit: int = 50) -> list[Notification]:
    """Return what is to be said now, the oldest first.

    In a writing unit of work, what has lost its sense meanwhile is dropped: a reminder of an appointment that
    was moved, cancelled or has begun, an offer that ran out. A reading one only looks.
    """
    found = []
    for entry in outbox.due(work, now, limit, kind=KIND):
        notification = _notification(work, entry, now)
        if notification is not None:
            found.append(notification)
        elif work.writing:
            outbox.done(work, entry, now)
    return found


def _notification(work: Work, entry: Outbox, now: datetime) -> Notification | None:
    conversation = work.session.get(Conversation, entry.conversation_id) if entry.conversation_id else None
    if conversation is None:
        return None
    appointment = work.session.get(Appointment, entry.payload.get("appointment") or "")
    event = str(entry.payload["response"]).removeprefix(f"{KIND}.")
    if not _makes_sense(work, entry, event, conversation, appointment, now):
        return None
    return Notification(entry, conversation, entry.payload["response"], dict(entry.payload["values"]), appointment)


def _makes_sense(
    work: Work, entry: Outbox, event: str, conversation: Conversation, appointment: Appointment | None, now: datetime
) -> bool:
    if event == "waiting_passed":
        return True
    if appointment is None:
        return False
    if event == "waiting_offer":
        offered = select(Waiting.id).where(Waiting.offer_id == appointment.id, Waiting.state == "offered")
        held = appointment.held_until is not None and appointment.held_until > utc(now)
        return held and work.session.scalar(offered) is not None
    if event not in REMINDERS:
        # A cancellation is told however late: it may be needed as evidence. Of a booking only the last news.
        return event.startswith("cancelled") or entry.key == notification_key(appointment)
    last_chance = appointment.starts_at - (REMINDERS["reminder_hours"] if event == "reminder_days" else timedelta())
    return (
        conversation.reminders
        and appointment.state == "booked"
        and entry.key == notification_key(appointment, event)
        and utc(now) < last_chance
    )
