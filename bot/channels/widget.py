"""The public chat page: a form that works without JavaScript; `chat.js` only spares the reloads."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Cookie, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from fastapi.templating import Jinja2Templates
from markupsafe import Markup, escape

from bot.gateway import Gateway, Outgoing
from bot.incoming import Incoming, Refused
from bot.transcript import STANDING, buttons

# Letters of an address that a link shows.
SHOWN = 40
COOKIE = "lotse_chat"
COOKIE_DAYS = 30
# what stands on the page before anything was said: the greeting, offered but not kept
GREETING = "greet.hello"
ADDRESS = re.compile(r"(https?://[^\s\u2066-\u2069]+|mailto:[^\s\u2066-\u2069]+)")


def shown_address(address: str) -> str:
    """Return what a link says: where it leads, without what only programs read. chat.js has the same."""
    plain = re.sub(r"^(https?://|mailto:)", "", address)
    begin = plain.partition("?")[0][:SHOWN]
    return begin if begin == plain else f"{begin.rstrip('/')}/…"


def linked(text: str) -> Markup:
    """Return text as HTML: addresses become links, everything else is escaped."""
    parts = ADDRESS.split(text)
    link = Markup('<a href="{}" rel="noopener noreferrer">{}</a>')
    return Markup("").join(
        link.format(part, shown_address(part)) if place % 2 else escape(part) for place, part in enumerate(parts)
    )


def router(gateway: Gateway, templates: Jinja2Templates) -> APIRouter:
    """Return the routes of the page. `templates` has the global `static`; the filter is added here."""
    templates.env.filters["linked"] = linked
    routes = APIRouter(include_in_schema=False)

    @routes.get("/", response_class=HTMLResponse)
    async def page(
        request: Request,
        lang: str | None = None,
        site: str | None = None,
        lotse_chat: Annotated[str | None, Cookie()] = None,
    ) -> Response:
        shown = await _existing(gateway, lotse_chat)
        language = lang if lang in gateway.replies.languages.offered else _preferred(request, gateway)
        if shown is None:
            return _page(request, language=language, site=site)
        return _page(request, shown=shown, language=shown.language, site=site)

    @routes.post("/", response_class=HTMLResponse)
    async def said(
        request: Request,
        conversation: Annotated[str, Form()] = "",
        text: Annotated[str, Form()] = "",
        payload: Annotated[str, Form()] = "",
        language: Annotated[str, Form()] = "",
        shown: Annotated[str, Form()] = "",
        site: str | None = None,
    ) -> Response:
        if language and not conversation:
            return RedirectResponse(f"/?{urlencode({'lang': language})}", 303)
        if language:
            payload = f'/change_language{{"language": "{language}"}}'
        incoming = Incoming(
            channel="web",
            conversation=conversation or None,
            text=None if payload else text,
            payload=payload or None,
            language=shown if shown and not conversation else None,
            site=site if not conversation and site in gateway.store.sites else None,
        )
        try:
            outgoing = await gateway.turn(incoming)
        except Refused as refused:
            return await _refused(request, refused, conversation, text, shown)
        answer = RedirectResponse(request.url_for("page").path, 303)
        answer.set_cookie(
            COOKIE,
            outgoing.conversation,
            max_age=COOKIE_DAYS * 86_400,
            samesite="strict",
            secure=request.url.scheme == "https",
        )
        if outgoing.owner == "closed" and await _existing(gateway, outgoing.conversation) is None:
            # erased: the last words are shown once and nothing is kept, on this phone neither
            answer = _page(request, shown=outgoing, language=outgoing.language)
            answer.delete_cookie(COOKIE)
        return answer

    async def _refused(request: Request, refused: Refused, conversation: str, text: str, shown: str) -> HTMLResponse:
        known = None if refused.code == "unknown_conversation" else await _existing(gateway, conversation)
        language = known.language if known else (shown or _preferred(request, gateway))
        problem = gateway.replies.render(f"error.{refused.code}", refused.values, language)
        page = _page(request, shown=known, language=language, problem=problem, typed=text, status=refused.status)
        if known is None:
            page.delete_cookie(COOKIE)
        return page

    def _page(
        request: Request,
        *,
        language: str,
        shown: Outgoing | None = None,
        site: str | None = None,
        problem: str = "",
        typed: str = "",
        status: int = 200,
    ) -> HTMLResponse:
        languages = gateway.replies.languages
        language = language if language in languages.offered else "de"
        context = {
            "language": language,
            "direction": languages[language].direction,
            "languages": [(code, languages[code].name) for code in languages.offered],
            "t": _words(gateway, language),
            "conversation": shown.conversation if shown else "",
            "owner": shown.owner if shown else "bot",
            "messages": _messages(shown, language, languages[language].direction)
            if shown
            else _greeting(gateway, language),
            "buttons": _last_buttons(shown) if shown else _topics(gateway, language),
            "site": site,
            "here": "/",
            "problem": problem,
            "typed": typed,
        }
        return templates.TemplateResponse(request, "chat.html", context, status_code=status)

    return routes


async def _existing(gateway: Gateway, conversation: str | None) -> Outgoing | None:
    if not conversation:
        return None
    try:
        return await gateway.read(conversation)
    except Refused:
        return None


def _preferred(request: Request, gateway: Gateway) -> str:
    """Return the first language of the browser that we have; German if there is none."""
    for part in request.headers.get("accept-language", "").split(","):
        code = part.split(";")[0].strip().lower().split("-")[0]
        if code in gateway.replies.languages.offered:
            return code
    return "de"


def _words(gateway: Gateway, language: str) -> Callable[[str], str]:
    return lambda name: gateway.replies.render(name, {}, language)


def _messages(shown: Outgoing, language: str, direction: str) -> list[dict[str, Any]]:
    return [
        {
            "id": message.id,
            "author": message.author,
            # what people typed may be in any language; only rendered answers have the page's
            "language": language if message.response else None,
            # a sentence of ours that begins with a Latin name is still read from right to left
            "direction": direction if message.response else "auto",
            "urgent": message.response == "emergency.numbers",
            # a list to tick stands below its first line
            "text": message.text.partition("\n")[0] if message.checklist else message.text,
            "checklist": message.checklist,
        }
        for message in shown.messages
    ]


def _last_buttons(shown: Outgoing) -> list[Any]:
    for message in reversed(shown.messages):
        if message.author == "bot":
            return list(message.buttons)
        if message.author == "person":
            break
    return []


def _greeting(gateway: Gateway, language: str) -> list[dict[str, Any]]:
    text = gateway.replies.render(GREETING, {}, language)
    return [
        {
            "id": None,
            "author": "bot",
            "text": text,
            "language": language,
            "direction": "",
            "urgent": False,
            "checklist": (),
        }
    ]


def _topics(gateway: Gateway, language: str) -> list[Any]:
    choices = [{"label": label, "payload": payload} for payload, label in STANDING.items()]
    return list(buttons(gateway.replies, choices, language))
