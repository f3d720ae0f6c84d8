"""What the staff console asks the store: what is urgent, who is this, when do we meet, what failed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import func, select

from office.cases import open_case_of, open_cases
from office.clock import berlin, utc, wall
from office.conversations import get_conversation, messages, unanswered
from office.store import Work
from office.tables import Appointment, AppointmentEvent, Case, Conversation, Message

__all__ = [
    "CaseLine",
    "ConversationView",
    "appointments_between",
    "appointments_on",
    "cancelled_since",
    "cases",
    "conversation_view",
    "counts",
    "unanswered",
    "unanswered_lines",
]


@dataclass(frozen=True)
class CaseLine:
    """An open case with what a list needs to show; `appointment` None: none booked."""

    case: Case
    conversation: Conversation
    appointment: Appointment | None


@dataclass(frozen=True)
class ConversationView:
    """A conversation with all there is to it; `case` None: no open case."""

    conversation: Conversation
    messages: Sequence[Message]
    case: Case | None
    appointments: Sequence[Appointment]
    events: Sequence[AppointmentEvent]


def cases(work: Work) -> list[CaseLine]:
    """Return the open cases: urgent first, then waiting before accepted, then the oldest."""
    found = open_cases(work)
    conversations = {
        row.id: row
        for row in work.session.scalars(
            select(Conversation).where(Conversation.id.in_([case.conversation_id for case in found]))
        )
    }
    booked = [case.appointment_id for case in found if case.appointment_id]
    appointments = {row.id: row for row in work.session.scalars(select(Appointment).where(Appointment.id.in_(booked)))}
    return [
        CaseLine(case, conversations[case.conversation_id], appointments.get(case.appointment_id or ""))
        for case in found
    ]


def appointments_between(
    work: Work, first: datetime, last: datetime, site_id: str | None = None
) -> Sequence[Appointment]:
    """Return the booked appointments that begin from `first` until before `last`; site None: of all sites."""
    query = (
        select(Appointment)
        .where(
            Appointment.state == "booked",
            Appointment.starts_at >= utc(first),
            Appointment.starts_at < utc(last),
        )
        .order_by(Appointment.starts_at, Appointment.site, Appointment.id)
    )
    return work.session.scalars(query if site_id is None else query.where(Appointment.site == site_id)).all()


def appointments_on(
    work: Work, now: datetime, days: int = 7, site_id: str | None = None
) -> dict[date, list[Appointment]]:
    """Return the booked appointments of today and the days after, by German day; empty days are left out."""
    today = berlin(now).date()
    found: dict[date, list[Appointment]] = {}
    last = wall(today + timedelta(days=days), time())
    for appointment in appointments_between(work, wall(today, time()), last, site_id):
        found.setdefault(berlin(appointment.starts_at).date(), []).append(appointment)
    return found


def cancelled_since(work: Work, since: datetime, site_id: str | None = None) -> Sequence[Appointment]:
    """Return the appointments cancelled since this moment, the newest first."""
    query = (
        select(Appointment)
        .where(Appointment.state.startswith("cancelled"), Appointment.changed_at >= utc(since))
        .order_by(Appointment.changed_at.desc())
    )
    return work.session.scalars(query if site_id is None else query.where(Appointment.site == site_id)).all()


def unanswered_lines(work: Work, limit: int = 200) -> list[tuple[Message, Conversation]]:
    """Return the messages nobody answered with their conversations: urgent ones first, then the oldest."""
    rows = work.session.execute(
        select(Message, Conversation)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .where(Message.state == "unanswered")
        .order_by(Conversation.urgent.desc(), Message.id)
        .limit(limit)
    )
    return [(message, conversation) for message, conversation in rows]


def conversation_view(work: Work, conversation_id: str) -> ConversationView:
    """Return a conversation with its messages, case and appointments; raises UnknownConversation."""
    conversation = get_conversation(work, conversation_id)
    appointments = work.session.scalars(
        select(Appointment)
        # What is only held is none yet, and one that ran out never was.
        .where(Appointment.conversation_id == conversation.id, Appointment.state != "held")
        .order_by(Appointment.starts_at)
    ).all()
    events = work.session.scalars(
        select(AppointmentEvent)
        .where(AppointmentEvent.appointment_id.in_([row.id for row in appointments]))
        .order_by(AppointmentEvent.id)
    ).all()
    return ConversationView(
        conversation, messages(work, conversation), open_case_of(work, conversation), appointments, events
    )


def counts(work: Work) -> dict[str, int]:
    """Return how many cases wait, are accepted, and how many messages are unanswered."""
    rows = work.session.execute(select(Case.state, func.count()).where(Case.state != "closed").group_by(Case.state))
    states: dict[str, int] = {row[0]: row[1] for row in rows}
    open_messages = select(func.count()).select_from(Message).where(Message.state == "unanswered")
    return {
        "waiting": states.get("waiting", 0),
        "accepted": states.get("accepted", 0),
        "unanswered": work.session.scalar(open_messages) or 0,
    }
