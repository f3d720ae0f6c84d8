"""The one door: who asks, whether the form is ours, which case, conversation or appointment they may see.

A route's signature tells who may call it: `Reader` for pages, `Writer` for forms, `Visitor` for the login.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Form, Request

from bot.console.sessions import COOKIE, Brake, Session, Sessions
from bot.incoming import Refused
from bot.parts import Parts
from office import cases, conversations
from office.appointments import Appointment, get_appointment
from office.cases import Case
from office.conversations import Conversation
from office.errors import UnknownAppointment, UnknownCase, UnknownConversation
from office.staff import Staff, get_staff
from office.store import Work

LANGUAGE_COOKIE = "lotse_console_language"
LANGUAGES = ("de", "en")  # of the console itself; German first
OURS = re.compile(r"/console(?:/[A-Za-z0-9_-]+)*(?:\?[A-Za-z0-9_=&-]*)?")


class NotLoggedIn(Exception):
    """Nobody is logged in; the page asked for comes after the login."""


class ForeignForm(Exception):
    """A form that this session did not make: an old page, or somebody else's."""


@dataclass(frozen=True)
class Desk:
    """What all routes of the console share."""

    parts: Parts
    sessions: Sessions
    brake: Brake

    def now(self) -> datetime:
        """Return the present (tests and the time machine give their own)."""
        return self.parts.gateway.clock()


@dataclass(frozen=True)
class Visit:
    """One request: at which desk, in which session, when, in which language of the console."""

    desk: Desk
    session: Session
    now: datetime
    language: str

    @property
    def form_token(self) -> str:
        """What the forms of this page carry."""
        return self.desk.sessions.form_token(self.session)

    def seal(self, case: Case) -> str:
        """Return a case's id as it stands in an address."""
        return self.desk.sessions.seal(case.id)


@dataclass(frozen=True)
class StaffVisit(Visit):
    """A request by a member of staff who is logged in."""

    staff: Staff


def visitor(request: Request) -> Visit:
    """Return the visit of anybody; who has no session gets a new one."""
    desk: Desk = request.state.desk
    now = desk.now()
    session = desk.sessions.read(request.cookies.get(COOKIE), now)
    chosen = request.cookies.get(LANGUAGE_COOKIE, "")
    language = chosen if chosen in LANGUAGES else LANGUAGES[0]
    return Visit(desk, session or desk.sessions.anonymous(now), now, language)


def form_of_ours(visit: Annotated[Visit, Depends(visitor)], token: Annotated[str, Form()] = "") -> None:
    """Raise ForeignForm unless the form was made by a page of this session."""
    if not visit.desk.sessions.form_is_ours(visit.session, token):
        raise ForeignForm


def current_staff(visit: Annotated[Visit, Depends(visitor)]) -> StaffVisit:
    """Return the visit of a member of staff; raises NotLoggedIn.

    A login that was switched off or whose password changed ends all its sessions.
    """
    session, desk = visit.session, visit.desk
    if session.staff is None:
        raise NotLoggedIn
    with desk.parts.store.read() as work:
        staff = get_staff(work, session.staff)
    if staff is None or desk.sessions.print_of(staff.password_hash) != session.print:
        raise NotLoggedIn
    return StaffVisit(desk, session, visit.now, visit.language, staff)


def staff_with_form(
    visit: Annotated[StaffVisit, Depends(current_staff)], _ours: Annotated[None, Depends(form_of_ours)]
) -> StaffVisit:
    """Return the visit of a member of staff who sends one of our forms; raises NotLoggedIn or ForeignForm."""
    return visit


def visitor_with_form(
    visit: Annotated[Visit, Depends(visitor)], _ours: Annotated[None, Depends(form_of_ours)]
) -> Visit:
    """Return the visit of anybody who sends one of our forms; raises ForeignForm."""
    return visit


Visitor = Annotated[Visit, Depends(visitor)]
VisitorForm = Annotated[Visit, Depends(visitor_with_form)]
Reader = Annotated[StaffVisit, Depends(current_staff)]
Writer = Annotated[StaffVisit, Depends(staff_with_form)]


# What staff may see. Today every member of staff serves every site; whoever changes that changes it here.


def access_conversation(work: Work, staff: Staff, id: str) -> Conversation:
    """Return a conversation this member of staff may read and answer; raises Refused."""
    try:
        return conversations.get_conversation(work, id)
    except UnknownConversation:
        raise Refused("unknown_conversation", 404) from None


def access_case(work: Work, staff: Staff, id: int | None) -> Case:
    """Return a case this member of staff may work on; None is an address we did not make. Raises Refused."""
    try:
        case = cases.get_case(work, id if id is not None else -1)
    except UnknownCase:
        raise Refused("not_found", 404) from None
    access_conversation(work, staff, case.conversation_id)
    return case


def access_appointment(work: Work, staff: Staff, id: str) -> Appointment:
    """Return an appointment this member of staff may see and cancel; raises Refused."""
    try:
        return get_appointment(work, id)
    except UnknownAppointment:
        raise Refused("unknown_appointment", 404) from None


def page_of_ours(address: str) -> str:
    """Return an address of the console to go on with; anything else leads to the first page."""
    return address if OURS.fullmatch(address) else "/console"
