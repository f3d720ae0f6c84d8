"""What each page shows, gathered in one reading unit of work; every page answers one question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import select

from bot.console.door import StaffVisit, access_case, access_conversation
from bot.console.talk import Line, drafts, last_finding, lines
from bot.console.words import Words
from office import console
from office.cases import Case
from office.clock import berlin, wall
from office.conversations import Conversation, Message, get_conversation
from office.errors import UnknownConversation
from office.staff import Staff
from office.store import Work
from office.tables import Appointment

DAYS_AHEAD = 14  # appointments on the first page
DAYS_LISTED = 7  # a page of the calendar
SHOWN_AHEAD = 12


@dataclass(frozen=True)
class CaseRow:
    """One line of 'what is most urgent'; `state` "alarm": danger was named and nobody has opened a case."""

    address: str
    number: int | None
    state: str
    urgent: bool
    topic: str
    language: str
    site: str
    waiting: str
    appointment: str
    by: str
    mine: bool


@dataclass(frozen=True)
class FailedRow:
    """A conversation whose messages nobody answered."""

    address: str
    words: str
    written: str
    direction: str
    count: int
    waiting: str
    urgent: bool


@dataclass(frozen=True)
class AppointmentRow:
    """An appointment; `address` empty: the person has erased the conversation."""

    id: str
    day: str
    begins: str
    ends: str
    code: str
    topic: str
    language: str
    site: str
    address: str
    state: str
    ahead: bool
    begun: bool


def overview(visit: StaffVisit, words: Words) -> dict[str, Any]:
    """What is most urgent?"""
    with visit.desk.parts.store.read() as work:
        staff = _logins(work)
        found = [_case_row(visit, words, line, staff) for line in console.cases(work)]
        alarms = [_alarm_row(visit, words, conversation) for conversation in _alarms(work)]
        failed = _failed(work, words, visit.now)
        ahead = _calendar(work, words, visit.now, berlin(visit.now).date(), DAYS_AHEAD, None)
    return {
        "cases": [*alarms, *found],
        "waiting": sum(1 for row in found if row.state == "waiting") + len(alarms),
        "urgent": sum(1 for row in (*alarms, *found) if row.urgent),
        "failed": failed,
        "failed_count": sum(row.count for row in failed),
        "days": _first(ahead, SHOWN_AHEAD),
        "days_shown": DAYS_AHEAD,
    }


def _logins(work: Work) -> dict[int, str]:
    return {row.id: row.login for row in work.session.scalars(select(Staff))}


def _case_row(visit: StaffVisit, words: Words, line: console.CaseLine, staff: dict[int, str]) -> CaseRow:
    case, booked = line.case, line.appointment
    return CaseRow(
        address=f"/console/cases/{visit.seal(case)}",
        number=case.id,
        state=case.state,
        urgent=line.conversation.urgent,
        topic=words.named("topic", case.topic) or words("console.topic.none"),
        language=words.name_of_language(line.conversation.language),
        site=words.site(case.site or line.conversation.site),
        waiting=words.for_how_long(case.opened_at, visit.now),
        appointment=words.short_day(booked.starts_at, visit.now)
        if booked is not None and booked.state == "booked"
        else "",
        by=staff.get(case.staff_id or 0, ""),
        mine=case.staff_id == visit.staff.id,
    )


def _alarms(work: Work) -> Sequence[Conversation]:
    """Return the conversations in which danger was named and which no case brings before staff."""
    opened = select(Case.conversation_id).where(Case.state != "closed")
    return work.session.scalars(
        select(Conversation)
        .where(Conversation.urgent, Conversation.id.not_in(opened))
        .order_by(Conversation.last_message_at)
    ).all()


def _alarm_row(visit: StaffVisit, words: Words, conversation: Conversation) -> CaseRow:
    return CaseRow(
        address=f"/console/conversations/{conversation.id}",
        number=None,
        state="alarm",
        urgent=True,
        topic=words("console.topic.danger"),
        language=words.name_of_language(conversation.language),
        site=words.site(conversation.site),
        waiting=words.for_how_long(conversation.last_message_at, visit.now),
        appointment="",
        by="",
        mine=False,
    )


def _failed(work: Work, words: Words, now: datetime) -> list[FailedRow]:
    """Return one row per conversation: its newest unanswered words, waiting since the oldest."""
    grouped: dict[str, list[tuple[Message, Conversation]]] = {}
    for message, conversation in console.unanswered_lines(work):
        grouped.setdefault(conversation.id, []).append((message, conversation))
    rows = []
    for found in grouped.values():
        conversation, newest = found[0][1], found[-1][0]
        line = lines(words, conversation, [newest], {})[0]
        rows.append(
            FailedRow(
                address=f"/console/conversations/{conversation.id}",
                words=line.ours.words,
                written=line.ours.language,
                direction=line.ours.direction,
                count=len(found),
                waiting=words.for_how_long(found[0][0].created_at, now),
                urgent=conversation.urgent,
            )
        )
    return rows


def conversation_page(
    visit: StaffVisit, words: Words, *, conversation_id: str | None = None, case_id: int | None = None
) -> dict[str, Any]:
    """Who is this and what do they need? Raises Refused if there is no such conversation or case."""
    with visit.desk.parts.store.read() as work:
        case = None
        if conversation_id is None:
            case = access_case(work, visit.staff, case_id)
            conversation_id = case.conversation_id
        access_conversation(work, visit.staff, conversation_id)
        view = console.conversation_view(work, conversation_id)
        case = case or view.case or _last_case(work, view.conversation)
        staff = _logins(work)
        return _conversation(visit, words, view, case, staff)


def _last_case(work: Work, conversation: Conversation) -> Case | None:
    return work.session.scalar(
        select(Case).where(Case.conversation_id == conversation.id).order_by(Case.id.desc()).limit(1)
    )


def _conversation(
    visit: StaffVisit, words: Words, view: console.ConversationView, case: Case | None, staff: dict[int, str]
) -> dict[str, Any]:
    conversation = view.conversation
    talk = lines(words, conversation, view.messages, staff)
    mine = conversation.owner == "person" and conversation.staff_id == visit.staff.id
    return {
        "conversation": conversation.id,
        "case": case,
        "case_by": staff.get(case.staff_id or 0, "") if case is not None else "",
        "owner": "mine" if mine else conversation.owner,
        "owner_name": staff.get(conversation.staff_id or 0, ""),
        "urgent": conversation.urgent,
        "unanswered": sum(1 for line in talk if line.state == "unanswered"),
        "topic": words.named("topic", case.topic if case is not None else None),
        "site": words.site(conversation.site or (case.site if case is not None else None)),
        "spoken": words.name_of_language(conversation.language),
        "their_code": conversation.language,
        "channel": words.named("console.channel", conversation.channel),
        "began": words.short_day(conversation.created_at, visit.now),
        "last": words.short_day(conversation.last_message_at, visit.now),
        "two_columns": conversation.language != words.language,
        "facts": words.facts(case.facts if case is not None else {}),
        "finding": last_finding(words, view.messages),
        "appointments": [appointment_row(words, row, visit.now) for row in view.appointments],
        "days": _by_day(words, talk),
        "drafts": drafts(words, conversation),
    }


def _by_day(words: Words, talk: Sequence[Line]) -> list[tuple[str, list[Line]]]:
    days: dict[date, list[Line]] = {}
    for line in talk:
        days.setdefault(line.day, []).append(line)
    return [(words.day(day), found) for day, found in days.items()]


def calendar(visit: StaffVisit, words: Words, day: date | None, site: str | None) -> dict[str, Any]:
    """When do we meet? `day` None: today; `site` None: all of them."""
    today = berlin(visit.now).date()
    first = day or today
    sites = visit.desk.parts.store.sites
    chosen = site if site in sites else None
    with visit.desk.parts.store.read() as work:
        days = _calendar(work, words, visit.now, first, DAYS_LISTED, chosen)
    return {
        "days": days,
        "site": chosen or "",
        "sites": [(id, words.site(id)) for id in sites],
        "first": first,
        "today": today,
        "before": first - timedelta(days=DAYS_LISTED),
        "after": first + timedelta(days=DAYS_LISTED),
        "days_shown": DAYS_LISTED,
    }


def _calendar(
    work: Work, words: Words, now: datetime, first: date, days: int, site: str | None
) -> list[tuple[str, bool, list[AppointmentRow]]]:
    """Return (day, whether it is today, appointments) in order; days without any are left out."""
    found: dict[date, list[AppointmentRow]] = {}
    begin, end = wall(first, time()), wall(first + timedelta(days=days), time())
    booked = console.appointments_between(work, begin, end, site)
    for appointment in booked:
        row = appointment_row(words, appointment, now, work=work)
        found.setdefault(berlin(appointment.starts_at).date(), []).append(row)
    today = berlin(now).date()
    return [(words.day(day), day == today, rows) for day, rows in found.items()]


def _first(
    days: Sequence[tuple[str, bool, list[AppointmentRow]]], limit: int
) -> list[tuple[str, bool, list[AppointmentRow]]]:
    """Return the first `limit` appointments with their days."""
    kept = []
    for name, today, rows in days:
        if limit <= 0:
            break
        kept.append((name, today, rows[:limit]))
        limit -= len(rows)
    return kept


def appointment_row(
    words: Words, appointment: Appointment, now: datetime, *, work: Work | None = None
) -> AppointmentRow:
    """Return an appointment as the console shows it; with `work`, the chat's language where no interpreter is booked."""
    conversation = appointment.conversation_id
    language = appointment.language
    if work is not None and conversation and not language:
        language = _language(work, conversation)
    return AppointmentRow(
        id=appointment.id,
        day=words.day(appointment.starts_at),
        begins=words.clock(appointment.starts_at),
        ends=words.clock(appointment.ends_at),
        code=appointment.code,
        topic=words.named("topic", appointment.topic),
        language=words.name_of_language(language) if language else "",
        site=words.site(appointment.site),
        address=f"/console/conversations/{conversation}" if conversation else "",
        state=appointment.state,
        ahead=appointment.state == "booked" and appointment.starts_at > now,
        begun=appointment.state == "booked" and appointment.starts_at <= now,
    )


def _language(work: Work, conversation_id: str) -> str | None:
    try:
        return get_conversation(work, conversation_id).language
    except UnknownConversation:
        return None
