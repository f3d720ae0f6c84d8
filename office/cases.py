"""Cases for staff: waiting, accepted, closed; the conversation's owner follows in the same unit of work."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import select

from office.clock import utc
from office.conversations import get_conversation, set_owner
from office.errors import HandoffError, UnknownCase
from office.store import Work
from office.tables import Appointment, Case, Conversation, Staff

__all__ = ["Case", "accept", "close", "get_case", "give_back", "open_case", "open_case_of", "open_cases"]


def open_case(
    work: Work,
    conversation: Conversation,
    *,
    topic: str | None,
    site: str | None,
    facts: dict[str, Any],
    now: datetime,
    appointment: Appointment | None = None,
    kind: str = "handoff",
) -> Case:
    """Open a case and let the conversation wait for a person; a second call updates the open case instead.

    Facts add up: a later value replaces an earlier one, a fact not named again stays.
    """
    work.changing(conversation)
    case = open_case_of(work, conversation)
    if case is None:
        case = Case(
            conversation_id=conversation.id,
            state="waiting",
            opened_at=utc(now),
            updated_at=utc(now),
            facts={},
        )
        work.session.add(case)
    case.kind = kind
    case.topic = topic if topic is not None else case.topic
    case.site = site if site is not None else case.site
    # A new dictionary: a changed one in place would not be noticed and not be stored.
    case.facts = {**case.facts, **facts}
    case.updated_at = utc(now)
    if appointment is not None:
        case.appointment_id = appointment.id
    work.session.flush()
    if case.state == "waiting":
        set_owner(work, conversation, "waiting")
    return case


def open_case_of(work: Work, conversation: Conversation) -> Case | None:
    """Return the conversation's case that is waiting or accepted; None if there is none."""
    return work.session.scalar(select(Case).where(Case.conversation_id == conversation.id, Case.state != "closed"))


def open_cases(work: Work) -> Sequence[Case]:
    """Return all cases not closed: urgent ones first, then waiting before accepted, then the oldest."""
    return work.session.scalars(
        select(Case)
        .join(Conversation, Conversation.id == Case.conversation_id)
        .where(Case.state != "closed")
        .order_by(Conversation.urgent.desc(), Case.state.desc(), Case.opened_at, Case.id)
    ).all()


def get_case(work: Work, id: int) -> Case:
    """Return the case; raises UnknownCase. In a writing unit of work it stays locked until the end."""
    query = select(Case).where(Case.id == id)
    case = work.session.scalar(query)
    if case is not None and work.writing:
        # The conversation first, as everywhere: who locks in another order waits in a circle.
        work.session.scalar(
            select(Conversation).where(Conversation.id == case.conversation_id).with_for_update(key_share=True)
        )
        case = work.session.scalar(query.with_for_update().execution_options(populate_existing=True))
    if case is None:
        raise UnknownCase(f"There is no case {id}; it may have been erased at the person's wish.")
    return case


def accept(work: Work, case: Case, staff: Staff, now: datetime) -> Case:
    """Let this member of staff speak in the conversation; twice by the same person is the same as once."""
    work.changing(case)
    if case.state == "closed":
        raise HandoffError(f"Case {case.id} is closed; open the conversation and take it over to begin a new one.")
    if case.state == "accepted" and case.staff_id != staff.id:
        raise HandoffError(
            f"Case {case.id} is already with a colleague; ask them to give it back, or choose a waiting case."
        )
    if case.state == "waiting":
        case.state = "accepted"
        case.staff_id = staff.id
        case.accepted_at = case.updated_at = utc(now)
    set_owner(work, get_conversation(work, case.conversation_id), "person", staff=staff.id)
    return case


def give_back(
    work: Work, case: Case, staff: Staff, now: datetime, *, to: Literal["waiting", "bot"] = "waiting"
) -> Case:
    """Give an accepted case back: to the queue ("waiting"), or to the bot, which closes the case."""
    work.changing(case)
    _refuse_unless_mine(case, staff, "given back")
    case.updated_at = utc(now)
    case.staff_id = None
    if to == "bot":
        case.state = "closed"
        case.closed_at = utc(now)
    else:
        case.state = "waiting"
        case.accepted_at = None
    set_owner(work, get_conversation(work, case.conversation_id), to)
    return case


def close(work: Work, case: Case, staff: Staff, now: datetime) -> Case:
    """Close an accepted case; the conversation is closed until the person writes again, and not urgent."""
    work.changing(case)
    _refuse_unless_mine(case, staff, "closed")
    case.state = "closed"
    case.closed_at = case.updated_at = utc(now)
    conversation = get_conversation(work, case.conversation_id)
    conversation.urgent = False
    set_owner(work, conversation, "closed")
    return case


def _refuse_unless_mine(case: Case, staff: Staff, done: str) -> None:
    if case.state == "waiting":
        raise HandoffError(f"Case {case.id} is waiting; accept it first, then it can be {done}.")
    if case.state == "closed":
        raise HandoffError(f"Case {case.id} is closed already; there is nothing left to do.")
    if case.staff_id != staff.id:
        raise HandoffError(f"Case {case.id} is with a colleague; only they can have it {done}.")
