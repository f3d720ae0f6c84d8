"""What staff do besides talking: cancel an appointment, note that something is settled."""

from __future__ import annotations

from bot.console.door import StaffVisit, access_appointment, access_conversation
from bot.events import CONSOLE, conversation_topic
from bot.gateway import TELEGRAM
from office import appointments, conversations, outbox
from office.appointments import Appointment
from office.conversations import Conversation, Message
from office.store import Work

CANCELLED = "appointments.cancelled_by_office"
BOOK_AGAIN = {"label": "choice.book", "payload": "/book_appointment"}


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
            _tell_cancelled(visit, work, told, appointment)
        work.commit()
        return told.id if told is not None else None


def _tell_cancelled(visit: StaffVisit, work: Work, told: Conversation, appointment: Appointment) -> None:
    when = appointment.starts_at.isoformat()
    message = conversations.add_message(
        work,
        told,
        author="bot",
        now=visit.now,
        response=CANCELLED,
        values={"site": appointment.site, "day": when, "time": when, "code": appointment.code},
        choices=[BOOK_AGAIN],
        # one message per cancellation, whoever presses twice
        key=f"{CANCELLED}:{appointment.id}:{appointment.sequence}",
    )
    if told.channel == TELEGRAM and told.channel_ref:
        _to_telegram(visit, work, told, message)


def _to_telegram(visit: StaffVisit, work: Work, told: Conversation, message: Message) -> None:
    words = visit.desk.parts.replies.render(message.response or "", message.values, told.language)
    outbox.put(
        work,
        TELEGRAM,
        {"chat": told.channel_ref, "message": message.id, "words": words},
        key=f"{TELEGRAM}:{message.id}",
        conversation=told,
    )


def settle(visit: StaffVisit, conversation_id: str) -> None:
    """Note that a conversation is not urgent and that its unanswered messages need no answer any more."""
    with visit.desk.parts.store.begin() as work:
        conversation = access_conversation(work, visit.staff, conversation_id)
        conversations.mark_urgent(work, conversation, False)
        for message in conversations.messages(work, conversation):
            if message.state == "unanswered":
                conversations.mark_message(work, message, "done")
        work.commit()


def tell(visit: StaffVisit, conversation_id: str | None) -> None:
    """Let open pages look again. Only on the event loop."""
    events = visit.desk.parts.events
    if conversation_id is not None:
        events.publish(conversation_topic(conversation_id), "changed")
    events.publish(CONSOLE, "changed", conversation=conversation_id)
