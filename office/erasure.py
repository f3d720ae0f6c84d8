"""Everything kept about one person: handed out as a whole, and erased as a whole.

Whoever adds a table with something about a person adds it here, to both functions; a test compares the
tables with what is named here.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from office.allocation import free
from office.clock import berlin, utc
from office.notifications import withdraw_reminders
from office.store import Work
from office.tables import (
    Appointment,
    AppointmentEvent,
    Base,
    Case,
    Conversation,
    Message,
    Outbox,
    Tally,
    Waiting,
)
from office.waiting import enter, serve

__all__ = ["PERSONAL", "erase_conversation", "export_conversation"]

# All tables that hold something about the person of a conversation.
PERSONAL: tuple[type[Base], ...] = (Conversation, Message, Case, Appointment, AppointmentEvent, Waiting, Outbox)
# Inner matters that say nothing about the person and would let the reader act as somebody else.
_NOT_EXPORTED = {"staff_id", "key"}


def export_conversation(work: Work, conversation: Conversation) -> dict[str, Any]:
    """Return all that is kept about the person of this conversation, ready for JSON."""
    appointments = work.session.scalars(_appointments(conversation)).all()
    ids = [appointment.id for appointment in appointments]
    history = select(AppointmentEvent).where(AppointmentEvent.appointment_id.in_(ids)).order_by(AppointmentEvent.id)
    messages = select(Message).where(Message.conversation_id == conversation.id).order_by(Message.id)
    cases = select(Case).where(Case.conversation_id == conversation.id).order_by(Case.id)
    waiting = select(Waiting).where(Waiting.conversation_id == conversation.id).order_by(Waiting.id)
    outbox = select(Outbox).where(Outbox.conversation_id == conversation.id).order_by(Outbox.id)
    return {
        "conversation": _row(conversation),
        "messages": _rows(work.session.scalars(messages)),
        "cases": _rows(work.session.scalars(cases)),
        "appointments": _rows(appointments),
        "appointment_events": _rows(work.session.scalars(history)),
        "waiting": _rows(work.session.scalars(waiting)),
        "outbox": _rows(work.session.scalars(outbox)),
    }


def erase_conversation(
    work: Work, conversation: Conversation, now: datetime | None = None, *, keep_appointments: bool = False
) -> None:
    """Erase the conversation and everything about its person; what is left are counts without a person.

    An appointment still ahead is given back, so that somebody else can have the time. With
    `keep_appointments` the time stays taken and its code stays valid at the counter, but nothing leads
    from it to the person. `now` None: the time of the last message.

    After the commit nothing of it is in the database file or its log (SQLite overwrites what is deleted).
    """
    work.changing(conversation)
    moment = utc(now) if now is not None else conversation.last_message_at
    locked = _appointments(conversation).with_for_update().execution_options(populate_existing=True)
    appointments = work.session.scalars(locked).all()
    waiting_at = select(Waiting.site).where(Waiting.conversation_id == conversation.id)
    sites = {appointment.site for appointment in appointments} | set(work.session.scalars(waiting_at))
    enter(work, sites, moment)
    _count(work, moment, conversation.site, "conversation_erased")
    for appointment in appointments:
        _erase_appointment(work, appointment, moment, keep_appointments)
    work.session.flush()
    # Messages, cases, the place on the waiting list and what waits in the outbox go with it: the database
    # deletes them (ON DELETE CASCADE).
    work.session.execute(delete(Conversation).where(Conversation.id == conversation.id))
    work.session.expunge_all()
    serve(work, sites, moment)
    work.shred = True


def _erase_appointment(work: Work, appointment: Appointment, moment: datetime, keep: bool) -> None:
    ahead = appointment.state == "booked" and appointment.ends_at > moment
    if ahead and keep:
        _forget_person(work, appointment)
        return
    if appointment.state != "held":
        name = "appointment_freed" if ahead else f"appointment_{appointment.state}"
        _count(work, moment, appointment.site, name)
    free(work, appointment)
    work.session.execute(delete(Appointment).where(Appointment.id == appointment.id))
    work.session.expunge(appointment)


def _forget_person(work: Work, appointment: Appointment) -> None:
    withdraw_reminders(work, appointment)
    appointment.conversation_id = None
    appointment.topic = "other"
    appointment.key = None
    # Where it was moved from says something about the person and nothing the office still needs.
    events = delete(AppointmentEvent).where(AppointmentEvent.appointment_id == appointment.id)
    work.session.execute(events.where(AppointmentEvent.kind != "booked"))


def _appointments(conversation: Conversation) -> Any:
    return (
        select(Appointment)
        .where(Appointment.conversation_id == conversation.id)
        .order_by(Appointment.starts_at, Appointment.id)
    )


def _count(work: Work, now: datetime, site: str | None, name: str) -> None:
    identity = (berlin(now).date().isoformat(), site or "", name)
    for _ in range(2):
        row = work.session.get(Tally, identity, with_for_update=True)
        if row is not None:
            row.count += 1
            work.session.flush()
            return
        try:
            with work.session.begin_nested():
                work.session.add(Tally(day=identity[0], site=identity[1], name=name, count=1))
            return
        except IntegrityError:
            # Another writer began the same count a moment ago.
            continue


def _rows(rows: Iterable[Base]) -> list[dict[str, Any]]:
    return [_row(row) for row in rows]


def _row(row: Base) -> dict[str, Any]:
    found = {}
    for column in row.__mapper__.column_attrs:
        value = getattr(row, column.key)
        if column.key not in _NOT_EXPORTED:
            found[column.key] = value.isoformat() if isinstance(value, datetime) else value
    return found
