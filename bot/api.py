"""The narrow door for machines: `/api/chat` and what belongs to it, `/health`."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated, Any

import httpx
from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy import text as sql
from sqlalchemy.exc import SQLAlchemyError
from sse_starlette.sse import EventSourceResponse, ServerSentEvent

from bot.events import conversation_topic
from bot.gateway import Outgoing
from bot.incoming import MAX_KEY, Incoming, Refused
from bot.parts import Parts
from bot.rasa import answers
from bot.replies.kinds import BERLIN
from office import conversations
from office.appointments import get_appointment
from office.errors import UnknownAppointment, UnknownConversation
from office.ics import ics

CHANNEL = "api"
EXAMPLE_NOW = "2024-07-01T10:00:00+02:00"
YEARS = range(2000, 2101)  # days for which the law and the calendar can be asked at all


class ChatRequest(BaseModel):
    """One message: exactly one of `text` and `payload`."""

    model_config = ConfigDict(
        extra="ignore",
        strict=True,
        json_schema_extra={
            "examples": [
                {"conversation": None, "text": "Ist am Mittwoch in Mettmann offen?"},
                {"conversation": "t0k3n", "payload": '/inform{"in_reception_centre": "false"}'},
            ]
        },
    )

    conversation: str | None = Field(None, max_length=64, description="id of an earlier answer; null: a new one")
    text: str | None = Field(None, description="what the person typed, at most 2,000 characters")
    payload: str | None = Field(None, description="payload of a button that was pressed")
    language: str | None = Field(None, max_length=16, description="the person's explicit choice; else it is detected")
    site: str | None = Field(None, max_length=64, description="Integration Point the question is about")
    now: str | None = Field(None, max_length=64, description="answer as of then (ISO 8601); refused in production")
    key: str | None = Field(
        None,
        min_length=1,
        max_length=MAX_KEY,
        description="the same key in the same conversation is answered once",
    )


class ButtonAnswer(BaseModel):
    """A choice: what stands on the button, and the payload it sends."""

    title: str
    payload: str


class PaperAnswer(BaseModel):
    """One paper of a list: what it is called, what it looks like, where one gets it."""

    id: str
    name: str
    looks: str
    source: str


class MessageAnswer(BaseModel):
    """One message: response name and values as kept, text and buttons in the reader's language."""

    id: int | None = Field(description="increases within a conversation; null for words that are not kept")
    author: str = Field(description="person, bot or staff")
    response: str | None = Field(description="name of the response; null for text typed by people")
    values: dict[str, Any]
    text: str = Field(description="plain text, never HTML; \\u2068 and \\u2069 isolate the other direction")
    buttons: list[ButtonAnswer]
    at: str = Field(description="when, in UTC")
    state: str = Field(description="received, done or unanswered")
    checklist: list[PaperAnswer] = Field(description="the papers of a list of papers, to tick; else empty")


class ChatAnswer(BaseModel):
    """The answer; all keys are always there, `messages` may be empty (a person owns the conversation)."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "conversation": "t0k3n",
                    "language": "de",
                    "owner": "bot",
                    "messages": [
                        {
                            "id": 2,
                            "author": "bot",
                            "response": "opening_hours.closed_on_day",
                            "values": {"site": "mettmann", "day": "2024-07-03"},
                            "text": "Mettmann ist am Mittwoch, 3. Juli 2024 geschlossen.",
                            "buttons": [{"title": "Mit einer Person sprechen", "payload": "/request_human"}],
                            "at": "2024-07-01T08:00:00+00:00",
                            "state": "done",
                            "checklist": [],
                        }
                    ],
                }
            ]
        }
    )

    conversation: str
    language: str
    owner: str = Field(description="bot, waiting (for a person), person or closed")
    messages: list[MessageAnswer]


class ErrorAnswer(BaseModel):
    """What is wrong: a code for programs and a sentence for people."""

    error: str
    message: str


ERRORS: dict[int | str, dict[str, Any]] = {
    400: {"model": ErrorAnswer, "description": "broken JSON"},
    404: {"model": ErrorAnswer, "description": "unknown conversation"},
    413: {"model": ErrorAnswer, "description": "more than 64 KB"},
    422: {
        "model": ErrorAnswer,
        "description": "empty or too long text, unknown language, site or payload, bad now",
    },
    429: {"model": ErrorAnswer, "description": "too many messages in a short time"},
}
READ_ERRORS = {404: ERRORS[404], 422: ERRORS[422]}
BODY = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": ChatRequest.model_json_schema()}},
    }
}


def as_json(outgoing: Outgoing) -> dict[str, Any]:
    """Return an answer in the shape of ChatAnswer."""
    return {
        "conversation": outgoing.conversation,
        "language": outgoing.language,
        "owner": outgoing.owner,
        "messages": [message.as_json() for message in outgoing.messages],
    }


async def read_request(request: Request) -> ChatRequest:
    """Return the body; raises Refused. Lone surrogates, which JSON allows and UTF-8 does not, are dropped."""
    try:
        data = json.loads(await request.body())
    except (ValueError, RecursionError):
        raise Refused("broken_json", 400) from None
    if not isinstance(data, dict):
        raise Refused("bad_request", 422, field="conversation")
    tidy = {
        key: value.encode("utf-8", "ignore").decode() if isinstance(value, str) else value
        for key, value in data.items()
    }
    request.state.said_language = tidy.get("language")
    request.state.said_conversation = tidy.get("conversation")
    try:
        return ChatRequest.model_validate(tidy)
    except ValidationError as problem:
        field = str(problem.errors(include_input=False)[0]["loc"][0])
        raise Refused("bad_request", 422, field=field) from None


def moment(given: str | None, *, production: bool) -> datetime | None:
    """Return the moment a caller wants the answer for (no offset: Berlin time); raises Refused."""
    if given is None:
        return None
    if production:
        raise Refused("now_in_production", 422)
    try:
        found = datetime.fromisoformat(given)
    except ValueError:
        raise Refused("bad_now", 422, example=EXAMPLE_NOW) from None
    if found.year not in YEARS:
        raise Refused("bad_now", 422, example=EXAMPLE_NOW)
    return found if found.tzinfo else found.replace(tzinfo=BERLIN)


def limit(parts: Parts, request: Request, conversation: str | None) -> None:
    """Raise Refused if too much came from this conversation or address."""
    address = request.client.host if request.client else ""
    # this machine itself is free: a proxy that forgets to forward addresses must not lock everybody out
    local = address in ("", "127.0.0.1", "::1", "testclient")
    if (not local and not parts.per_address.take(address)) or (
        conversation is not None and not parts.per_conversation.take(conversation)
    ):
        raise Refused("too_many", 429)


async def sentence(parts: Parts, request: Request, refused: Refused) -> str:
    """Return the sentence of a refusal in the person's language where it is known, else in English."""
    return parts.replies.render(f"error.{refused.code}", refused.values, await _reader(parts, request))


async def _reader(parts: Parts, request: Request) -> str:
    offered = parts.replies.languages.offered
    said = getattr(request.state, "said_language", None) or request.query_params.get("language")
    if said in offered:
        return str(said)
    name = getattr(request.state, "said_conversation", None) or request.path_params.get("conversation")
    if isinstance(name, str):
        try:
            return await asyncio.to_thread(_language, parts, name)
        except (UnknownConversation, SQLAlchemyError):
            pass
    return parts.language_of(request) or "en"


def _language(parts: Parts, conversation: str) -> str:
    with parts.store.read() as work:
        return conversations.get_conversation(work, conversation).language


def router(parts: Parts) -> APIRouter:
    """Return the routes of the API."""
    routes = APIRouter()

    @routes.post("/api/chat", response_model=ChatAnswer, responses=ERRORS, openapi_extra=BODY, tags=["chat"])
    async def chat(request: Request) -> JSONResponse:
        """Send one message and get the answer. `conversation` null begins a new one."""
        body = await read_request(request)
        limit(parts, request, body.conversation)
        incoming = Incoming(
            channel=CHANNEL,
            conversation=body.conversation,
            text=body.text,
            payload=body.payload,
            language=body.language,
            hint=parts.language_of(request),
            site=body.site,
            now=moment(body.now, production=parts.settings.production),
            key=body.key,
        )
        return JSONResponse(as_json(await parts.gateway.turn(incoming)))

    @routes.get("/api/chat/{conversation}", response_model=ChatAnswer, responses=READ_ERRORS, tags=["chat"])
    async def whole(conversation: str, language: str | None = None) -> JSONResponse:
        """Read the whole conversation, in its own language or another one."""
        return JSONResponse(as_json(await parts.gateway.read(conversation, language=language)))

    @routes.get("/api/chat/{conversation}/messages", response_model=ChatAnswer, responses=READ_ERRORS, tags=["chat"])
    async def newer(
        conversation: str, after: Annotated[int, Query(ge=0)] = 0, language: str | None = None
    ) -> JSONResponse:
        """Read what came after a message."""
        return JSONResponse(as_json(await parts.gateway.read(conversation, after=after, language=language)))

    @routes.get("/api/chat/{conversation}/events", tags=["chat"], responses=READ_ERRORS)
    async def events(
        conversation: str, last_event_id: Annotated[str | None, Header()] = None, after: int | None = None
    ) -> EventSourceResponse:
        """Server-sent events: `message` (as in the answer), `owner`, `language`, `erased`."""
        known = await parts.gateway.read(conversation)
        newest = max((m.id or 0 for m in known.messages), default=0)
        given = last_event_id if last_event_id and last_event_id.isdecimal() else None
        start = int(given) if given is not None else after if after is not None else newest
        return EventSourceResponse(stream(parts, known, start), ping=20)

    @routes.get("/api/appointments/{appointment}.ics", tags=["appointments"], responses={404: ERRORS[404]})
    async def calendar(request: Request, appointment: str, language: str | None = None) -> Response:
        """Return an appointment as a calendar file."""
        data = await asyncio.to_thread(calendar_file, parts, appointment, language)
        return Response(
            data,
            media_type="text/calendar; charset=utf-8",
            headers={"Content-Disposition": 'attachment; filename="termin.ics"', "Cache-Control": "no-store"},
        )

    @routes.get("/health", tags=["operation"])
    async def health() -> JSONResponse:
        """Say which parts answer: app, database, rasa, actions, each 'ok' or 'down'; 503 unless all do."""
        found = await health_of(parts)
        return JSONResponse(found, 200 if set(found.values()) == {"ok"} else 503)

    return routes


async def stream(parts: Parts, known: Outgoing, newest: int) -> AsyncIterator[ServerSentEvent]:
    """Yield what happens in a conversation; events only say 'look', the database says what."""
    owner, language = known.owner, known.language
    with parts.gateway.subscribe(conversation_topic(known.conversation)) as subscription:
        while True:
            try:
                now = await parts.gateway.read(known.conversation, after=newest)
            except Refused:
                yield ServerSentEvent(event="erased", data="{}")
                return
            for message in now.messages:
                newest = message.id or newest
                yield ServerSentEvent(
                    json.dumps(message.as_json(), ensure_ascii=False), event="message", id=str(newest)
                )
            if now.owner != owner:
                owner = now.owner
                yield ServerSentEvent(json.dumps({"owner": owner}), event="owner")
            if now.language != language:
                language = now.language
                yield ServerSentEvent(json.dumps({"language": language}), event="language")
            await subscription.get()


def calendar_file(parts: Parts, appointment_id: str, language: str | None) -> bytes:
    """Return the ICS file of an appointment in the language of its conversation; raises Refused."""
    with parts.store.read() as work:
        try:
            appointment = get_appointment(work, appointment_id)
        except UnknownAppointment:
            raise Refused("unknown_appointment", 404) from None
        site = parts.store.sites[appointment.site]
        reader = language if language in parts.replies.languages.offered else _own_language(work, appointment)
        render = parts.replies.render
        return ics(
            appointment,
            site,
            summary=plain(render("ics.summary", {"site": site.id}, reader)),
            description=plain(render("ics.description", {"code": appointment.code}, reader)),
            location=f"{site.name}, {plain(render('unit.address', {'site': site.id}, 'de'))}",
        )


def _own_language(work: Any, appointment: Any) -> str:
    try:
        return conversations.get_conversation(work, appointment.conversation or "").language
    except UnknownConversation:
        return "de"


def plain(text: str) -> str:
    """Return text without isolates: calendars show them as boxes."""
    return text.replace("\u2068", "").replace("\u2069", "")


async def health_of(parts: Parts) -> dict[str, str]:
    """Return 'ok' or 'down' for each part."""
    async with httpx.AsyncClient(trust_env=False) as client:
        rasa, actions, database = await asyncio.gather(
            parts.gateway.rasa.alive(),
            answers(client, f"{parts.settings.actions_url}/health", 2.0),
            asyncio.to_thread(_database_answers, parts),
        )
    state = {True: "ok", False: "down"}
    return {"app": "ok", "database": state[database], "rasa": state[rasa], "actions": state[actions]}


def _database_answers(parts: Parts) -> bool:
    try:
        with parts.store.connection() as connection:
            connection.execute(sql("SELECT 1 FROM conversation LIMIT 1"))
    except SQLAlchemyError:
        return False
    return True
