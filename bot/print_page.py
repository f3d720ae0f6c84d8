"""A list of papers to print: the client's language beside German, black on white, nothing about a person."""

from __future__ import annotations

import re
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from bot.checklist import papers
from bot.incoming import Refused
from bot.parts import Parts
from bot.replies.kinds import BERLIN

GERMAN = "de"
MOST = 40
CODE = re.compile(r"[a-z][a-z0-9_]{0,60}")


def router(parts: Parts) -> APIRouter:
    """Return the route of the page. Its address names papers, never a person."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/print/papers", response_class=HTMLResponse)
    async def print_papers(
        request: Request, papers: str = "", procedure: str = "", office: str = "", lang: str = ""
    ) -> HTMLResponse:
        language = lang if lang in parts.replies.languages.offered else parts.language_of(request) or GERMAN
        context = sheet(parts, papers.split("."), procedure, office, language)
        return parts.templates.TemplateResponse(request, "print_papers.html", context)

    return routes


def sheet(parts: Parts, ids: list[str], procedure: str, office: str, language: str) -> dict[str, Any]:
    """Return what stands on the sheet; raises Refused for papers or a procedure we do not know."""
    replies = parts.replies
    names = [f"document.{id}" for id in ids]
    if not 0 < len(ids) <= MOST or len(set(ids)) != len(ids) or not all(map(CODE.fullmatch, ids)):
        raise Refused("not_found", 404)
    if procedure:
        names.append(f"procedure.{procedure}")
    if office:
        names.append(f"documents.office.{office}")
    if not all(replies.has(name) for name in names):
        raise Refused("not_found", 404)
    spoken = [language] if language == GERMAN else [language, GERMAN]
    day = parts.gateway.clock().astimezone(BERLIN).date().isoformat()

    def say(name: str, **values: Any) -> list[str]:
        return [replies.render(name, values, code) for code in spoken]

    return {
        "language": language,
        "columns": [(code, replies.languages[code].direction) for code in spoken],
        "title": say("print.title"),
        "procedure": say(f"procedure.{procedure}") if procedure else [],
        "office": say(f"documents.office.{office}") if office else [],
        "day": say("print.day", day=day),
        "foot": say("print.foot"),
        "rows": list(zip(*(papers(replies, ids, code) for code in spoken), strict=True)),
    }
