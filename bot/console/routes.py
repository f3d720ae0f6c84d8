"""The pages and forms of the staff console. All work without JavaScript; htmx only spares the reloads."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import date
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from fastapi.routing import APIRoute
from sse_starlette.sse import EventSourceResponse, ServerSentEvent

from bot.console import pages, steps
from bot.console.door import (
    LANGUAGE_COOKIE,
    LANGUAGES,
    Desk,
    ForeignForm,
    NotLoggedIn,
    Reader,
    StaffVisit,
    Visit,
    Visitor,
    VisitorForm,
    Writer,
    access_conversation,
    page_of_ours,
    visitor,
)
from bot.console.sessions import COOKIE, LASTS, PATH, Brake, Session, Sessions
from bot.console.templates import render
from bot.console.words import Words
from bot.events import CONSOLE, conversation_topic
from bot.incoming import Refused
from bot.parts import Parts
from office.errors import AppointmentError, HandoffError
from office.staff import check_login

log = logging.getLogger(__name__)
PING_S = 20
STREAM_S = 900  # then the page connects again, which asks anew whether the session still holds
# argon2 takes 64 MB a try: more at once would be a way to fill the memory
_TRIES_AT_ONCE = 2


class ConsoleRoute(APIRoute):
    """Turns what a console route refuses into a page that says what to do."""

    def get_route_handler(self) -> Callable[[Request], Any]:
        """Return the handler of the route with the refusals around it."""
        handler = super().get_route_handler()

        async def guarded(request: Request) -> Response:
            try:
                response: Response = await handler(request)
            except NotLoggedIn:
                response = _to_login(request)
            except ForeignForm:
                response = _refused(request, "console.error.form", 403)
            except AppointmentError:
                response = _refused(request, "console.error.appointment", 409)
            except Refused as problem:
                response = _refused(request, f"error.{problem.code}", problem.status, problem.values)
            except RequestValidationError:
                response = _refused(request, "console.error.address", 422)
            response.headers["Cache-Control"] = "no-store"
            return response

        return guarded


routes = APIRouter(prefix="/console", route_class=ConsoleRoute, include_in_schema=False)


def router(parts: Parts) -> APIRouter:
    """Return the routes of the console for one installation."""
    desk: Desk | None = None

    async def enter(request: Request) -> None:
        # the key is read with the first request: making the app must open no file
        nonlocal desk
        if desk is None:
            desk = Desk(parts, Sessions(parts.settings.signing_key.get_secret_value()), Brake())
        request.state.desk = desk

    from bot.console import absences, courses  # they stand on the pages of this module

    outer = APIRouter(dependencies=[Depends(enter)])
    outer.include_router(absences.routes)
    outer.include_router(courses.routes)
    outer.include_router(routes)
    return outer


def page(visit: Visit, template: str, status: int = 200, **context: Any) -> HTMLResponse:
    """Return a page of the console with what all of them share, and keep its session."""
    words = context.pop("words", None) or Words(visit.desk.parts.replies, visit.language)
    staff = visit.staff if isinstance(visit, StaffVisit) else None
    shared = {
        "t": words,
        "language": visit.language,
        "languages": [(code, visit.desk.parts.replies.languages[code].name) for code in LANGUAGES],
        "static": visit.desk.parts.assets.url,
        "token": visit.form_token,
        "me": staff.login if staff is not None else "",
    }
    response = HTMLResponse(render(template, {**shared, **context}), status)
    _keep(response, visit.desk, visit.session)
    return response


def _keep(response: Response, desk: Desk, session: Session) -> None:
    settings = desk.parts.settings
    response.set_cookie(
        COOKIE,
        desk.sessions.write(session),
        path=PATH,
        max_age=int(LASTS.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=settings.production or settings.public_url.startswith("https:"),
    )


def _words(visit: Visit) -> Words:
    return Words(visit.desk.parts.replies, visit.language)


def _to_login(request: Request) -> Response:
    if request.url.path.endswith("/events") or "hx-request" in request.headers:
        # an open page stays as it is, and so does what was typed into it
        return Response(status_code=401)
    wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    going_on = request.method == "GET" and page_of_ours(wanted) == wanted != PATH
    return RedirectResponse(f"{PATH}/login" + (f"?{urlencode({'to': wanted})}" if going_on else ""), 303)


def _refused(request: Request, name: str, status: int, values: dict[str, Any] | None = None) -> Response:
    visit = visitor(request)
    sentence = visit.desk.parts.replies.render(name, values or {}, visit.language)
    return page(visit, "refused.html", status, sentence=sentence)


# login -----------------------------------------------------------------------------------------------------


@routes.get("/login")
def login_page(visit: Visitor, to: str = "") -> Response:
    """Ask for login and password."""
    return page(visit, "login.html", to=page_of_ours(to), problem="", login="")


@routes.post("/login")
async def log_in(
    request: Request,
    visit: VisitorForm,
    login: Annotated[str, Form(max_length=200)] = "",
    password: Annotated[str, Form(max_length=1000)] = "",
    to: Annotated[str, Form()] = "",
) -> Response:
    """Begin a new session, or say that login or password is wrong, never which."""
    desk, words = visit.desk, _words(visit)
    address = request.client.host if request.client else ""
    wait = desk.brake.wait(login, address, visit.now)
    if wait:
        seconds = int(wait.total_seconds()) + 1
        problem = words("console.login.wait", n=seconds)
        answer = page(visit, "login.html", 429, to=page_of_ours(to), problem=problem, login=login)
        answer.headers["Retry-After"] = str(seconds)
        return answer
    # counted before the check, so that many tries at once are not all free
    desk.brake.failed(login, address, visit.now)
    async with _tries():
        staff = await asyncio.to_thread(_checked, desk, login, password)
    if staff is None:
        log.warning("login failed")
        problem = words("console.login.wrong")
        return page(visit, "login.html", 401, to=page_of_ours(to), problem=problem, login=login)
    desk.brake.succeeded(login, address)
    desk.sessions.end(visit.session)
    log.info("login", extra={"staff": staff[0]})
    response = RedirectResponse(page_of_ours(to), 303)
    _keep(response, desk, desk.sessions.logged_in(*staff, visit.now))
    return response


def _checked(desk: Desk, login: str, password: str) -> tuple[int, str] | None:
    with desk.parts.store.read() as work:
        staff = check_login(work, login, password)
        return None if staff is None else (staff.id, staff.password_hash)


_gates: dict[int, asyncio.Semaphore] = {}


def _tries() -> asyncio.Semaphore:
    """Return this event loop's gate for password checks."""
    loop = id(asyncio.get_running_loop())
    if loop not in _gates:
        _gates.clear()
        _gates[loop] = asyncio.Semaphore(_TRIES_AT_ONCE)
    return _gates[loop]


@routes.post("/logout")
def log_out(visit: Writer) -> Response:
    """End the session, also where its cookie was copied."""
    visit.desk.sessions.end(visit.session)
    response = RedirectResponse(f"{PATH}/login", 303)
    response.delete_cookie(COOKIE, path=PATH)
    return response


@routes.post("/language")
def choose_language(
    visit: VisitorForm, language: Annotated[str, Form()] = "", to: Annotated[str, Form()] = ""
) -> Response:
    """Show the console in another language."""
    target = f"{PATH}/login" if visit.session.staff is None else page_of_ours(to)
    response = RedirectResponse(target, 303)
    if language in LANGUAGES:
        response.set_cookie(LANGUAGE_COOKIE, language, path=PATH, max_age=31_536_000, samesite="lax")
    return response


# pages -----------------------------------------------------------------------------------------------------


@routes.get("")
def overview(visit: Reader) -> Response:
    """What is most urgent?"""
    words = _words(visit)
    return page(visit, "overview.html", words=words, here=PATH, **pages.overview(visit, words))


@routes.get("/cases/{case}")
def case_page(visit: Reader, case: str) -> Response:
    """Who is this and what do they need, by case?"""
    words = _words(visit)
    found = pages.conversation_page(visit, words, case_id=visit.desk.sessions.unseal(case))
    return _conversation(visit, words, f"{PATH}/cases/{case}", found)


@routes.get("/conversations/{conversation}")
def conversation_page(visit: Reader, conversation: str) -> Response:
    """Who is this and what do they need?"""
    words = _words(visit)
    found = pages.conversation_page(visit, words, conversation_id=conversation)
    return _conversation(visit, words, f"{PATH}/conversations/{conversation}", found)


def _conversation(
    visit: StaffVisit,
    words: Words,
    here: str,
    found: dict[str, Any],
    *,
    problem: str = "",
    typed: str = "",
    status: int = 200,
) -> Response:
    extra = {"here": here, "problem": problem, "typed": typed}
    return page(visit, "conversation.html", status, words=words, **extra, **found)


@routes.get("/appointments")
def appointments(
    visit: Reader,
    day: Annotated[str, Query(max_length=10)] = "",
    site: Annotated[str, Query(max_length=64)] = "",
) -> Response:
    """When do we meet?"""
    words = _words(visit)
    try:
        first = date.fromisoformat(day) if day else None
    except ValueError:
        raise Refused("not_found", 404) from None
    if first is not None and not 2000 <= first.year <= 2099:
        raise Refused("not_found", 404)
    found = pages.calendar(visit, words, first, site or None)
    return page(visit, "appointments.html", words=words, here=f"{PATH}/appointments", **found)


# forms -----------------------------------------------------------------------------------------------------


def _back(conversation: str) -> Response:
    return RedirectResponse(f"{PATH}/conversations/{conversation}", 303)


async def _allowed(visit: StaffVisit, conversation: str) -> None:
    def look() -> None:
        with visit.desk.parts.store.read() as work:
            access_conversation(work, visit.staff, conversation)

    await asyncio.to_thread(look)


async def _attempt(visit: StaffVisit, conversation: str, step: Awaitable[object], typed: str = "") -> Response:
    """Do a step and show the conversation; a refusal is explained above it, and nothing typed is lost."""
    name, values, status = "console.error.handoff", {}, 409
    try:
        await step
    except HandoffError as problem:
        log.info("handoff refused", extra={"why": str(problem)})
    except Refused as problem:
        name, values, status = f"error.{problem.code}", problem.values, problem.status
    else:
        return _back(conversation)
    words = _words(visit)
    found = await asyncio.to_thread(pages.conversation_page, visit, words, conversation_id=conversation)
    sentence = words.replies.render(name, values, visit.language)
    here = f"{PATH}/conversations/{conversation}"
    return _conversation(visit, words, here, found, problem=sentence, typed=typed, status=status)


@routes.post("/conversations/{conversation}/reply")
async def reply(visit: Writer, conversation: str, text: Annotated[str, Form()] = "") -> Response:
    """Send a message to the person, taking the conversation over if nobody has."""
    await _allowed(visit, conversation)
    gateway = visit.desk.parts.gateway
    return await _attempt(visit, conversation, gateway.staff_reply(conversation, visit.staff, text, visit.now), text)


@routes.post("/conversations/{conversation}/take")
async def take(visit: Writer, conversation: str) -> Response:
    """Let this member of staff speak; the assistant is silent from now on."""
    await _allowed(visit, conversation)
    gateway = visit.desk.parts.gateway
    return await _attempt(visit, conversation, gateway.take_over(conversation, visit.staff, visit.now))


@routes.post("/conversations/{conversation}/give-back")
async def give_back(
    visit: Writer, conversation: str, to: Annotated[Literal["bot", "waiting"], Form()] = "bot"
) -> Response:
    """Let the assistant speak again, or put the conversation back into the queue."""
    await _allowed(visit, conversation)
    gateway = visit.desk.parts.gateway
    step = gateway.give_back(conversation, visit.staff, visit.now, to=to)
    return await _attempt(visit, conversation, step)


@routes.post("/conversations/{conversation}/close")
async def close(visit: Writer, conversation: str) -> Response:
    """Close the conversation; the person's next message opens it again, with the assistant."""
    await _allowed(visit, conversation)
    gateway = visit.desk.parts.gateway
    return await _attempt(visit, conversation, gateway.close(conversation, visit.staff, visit.now))


@routes.post("/conversations/{conversation}/settled")
async def settled(visit: Writer, conversation: str) -> Response:
    """Note that nothing here is urgent or unanswered any more."""
    await asyncio.to_thread(steps.settle, visit, conversation)
    steps.tell(visit, conversation)
    return _back(conversation)


@routes.post("/appointments/{appointment}/cancel")
async def cancel(visit: Writer, appointment: str, to: Annotated[str, Form()] = "") -> Response:
    """Cancel an appointment and tell the person."""
    steps.tell(visit, await asyncio.to_thread(steps.cancel_appointment, visit, appointment))
    return RedirectResponse(page_of_ours(to) if to else f"{PATH}/appointments", 303)


@routes.post("/appointments/{appointment}/missed")
async def missed(visit: Writer, appointment: str, to: Annotated[str, Form()] = "") -> Response:
    """Note that nobody came, and tell the person how to get another appointment."""
    steps.tell(visit, await asyncio.to_thread(steps.mark_missed, visit, appointment))
    return RedirectResponse(page_of_ours(to) if to else f"{PATH}/appointments", 303)


# live ------------------------------------------------------------------------------------------------------


@routes.get("/events")
async def console_events(visit: Reader) -> EventSourceResponse:
    """Say 'changed' whenever anything happens anywhere."""
    return _stream(visit, CONSOLE)


@routes.get("/conversations/{conversation}/events")
async def conversation_events(visit: Reader, conversation: str) -> EventSourceResponse:
    """Say 'changed' whenever something happens in this conversation."""
    await _allowed(visit, conversation)
    return _stream(visit, conversation_topic(conversation))


def _stream(visit: StaffVisit, topic: str) -> EventSourceResponse:
    return EventSourceResponse(changes(visit.desk.parts, topic), ping=PING_S)


async def changes(parts: Parts, topic: str, lasts: float = STREAM_S) -> AsyncIterator[ServerSentEvent]:
    """Yield 'changed' once at the start and after each event; an end lets the page connect again."""
    loop = asyncio.get_running_loop()
    end = loop.time() + lasts
    with parts.gateway.subscribe(topic) as subscription:
        # what happened between the page and this stream would otherwise be missed
        yield ServerSentEvent("{}", event="changed")
        while (left := end - loop.time()) > 0:
            try:
                await asyncio.wait_for(subscription.get(), left)
            except TimeoutError:
                return
            yield ServerSentEvent("{}", event="changed")


@routes.get("/{rest:path}")
def nothing_here(visit: Reader, rest: str) -> Response:
    """Say that there is no such page (only to staff; others are asked to log in)."""
    raise Refused("not_found", 404)
