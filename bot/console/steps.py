"""What staff do besides talking: cancel an appointment, note that it was missed or that something is settled."""

from __future__ import annotations

from datetime import datetime

from bot import reminders
from bot.console.door import StaffVisit, access_appointment, access_conversation
from bot.events import CONSOLE, conversation_topic
from office import appointments, conversations
from office.notifications import due_notifications
from office.store import Work


def cancel_appointment(visit: StaffVisit, appointment_id: str) -> str | None:
    """Cancel an appointment and tell the person in the same unit of work; a second time does nothing.

    Returns the conversation that was told, None if there was nobody to tell. Raises Refused, or
    AppointmentError once the appointment has begun.
    """
    with visit.desk.parts.store.begin() as work:
        appointment = access_appointment(work, visit.staff, appointment_id)
        if appointment.state == "cancelled_by_office":
            return None
        told = None
        if appointment.state == "booked" and appointment.conversation_id:
            told = access_conversation(work, visit.staff, appointment.conversation_id)
        appointments.cancel(work, appointment, visit.now, by="office")
        if told is not None:
            _say_now(work, told.id, visit.now)
        work.commit()
        return told.id if told is not None else None


def mark_missed(visit: StaffVisit, appointment_id: str) -> str | None:
    """Note that nobody came to an appointment and tell the person in the same unit of work.

    Returns the conversation that was told, None if there was nobody to tell. Raises Refused, or
    AppointmentError before its time and for one that was cancelled.
    """
    with visit.desk.parts.store.begin() as work:
        appointment = access_appointment(work, visit.staff, appointment_id)
        told = None
        if appointment.state == "booked" and appointment.conversation_id:
            told = access_conversation(work, visit.staff, appointment.conversation_id)
        appointments.mark(work, appointment, "missed", visit.now)
        if told is not None:
            _say_now(work, told.id, visit.now)
        work.commit()
        return told.id if told is not None else None


def _say_now(work: Work, conversation_id: str, now: datetime) -> None:
    """Say what is due in one conversation, without waiting for the next look at the outbox."""
    for notification in due_notifications(work, now):
        if notification.conversation.id == conversation_id:
            reminders.say(work, notification, now)


def settle(visit: StaffVisit, conversation_id: str) -> None:
    """Note that a conversation is not urgent and that its unanswered messages need no answer any more."""
    with visit.desk.parts.store.begin() as work:
        conversation = access_conversation(work, visit.staff, conversation_id)
        conversations.mark_urgent(work, conversation, False)
        for message in conversations.messages(work, conversation):
            if message.state == "unanswered":
                conversations.mark_message(work, conversation, message.id, "done")
        work.commit()


def tell(visit: StaffVisit, conversation_id: str | None) -> None:
    """Let open pages look again. Only on the event loop."""
    events = visit.desk.parts.events
    if conversation_id is not None:
        events.publish(conversation_topic(conversation_id), "changed")
    events.publish(CONSOLE, "changed", conversation=conversation_id)
