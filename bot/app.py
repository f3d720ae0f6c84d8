"""The web app: every part joined in one place."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.templating import Jinja2Templates
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import Receive, Scope, Send

from bot import api, console, docs_page, languages, print_page
from bot.assets import Assets, mount
from bot.candidates import Candidates
from bot.channels import telegram, widget
from bot.console.courses import UPLOADS
from bot.emergency import Emergency, load_emergency
from bot.events import Events
from bot.gateway import Gateway
from bot.guard import BodyLimit, SafeHeaders
from bot.incoming import Domain, Refused, load_domain
from bot.limits import Limit
from bot.parts import Parts
from bot.rasa import Rasa
from bot.reminders import Reminders
from bot.replies import Replies
from bot.replies.kinds import BERLIN
from bot.settings import ROOT, Settings
from office import conversations, courses
from office.store import Store, Work

log = logging.getLogger(__name__)
TEMPLATES = Path(__file__).with_name("templates")


def make_parts(
    settings: Settings,
    *,
    store: Store | None = None,
    replies: Replies | None = None,
    domain: Domain | None = None,
    emergency: Emergency | None = None,
    transport: httpx.AsyncBaseTransport | None = None,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Parts:
    """Join the parts of one installation; what is given replaces what the settings would make."""
    store = store or Store(settings.database_url)
    replies = replies or Replies(public_url=settings.public_url)
    events = Events()
    gateway = Gateway(
        store,
        Rasa(settings.rasa_url, settings.rasa_timeout_s, settings.state, transport),
        replies,
        emergency if emergency is not None else load_emergency(),
        domain or load_domain(ROOT / "domain.yml"),
        events=events,
        default_site=settings.default_site,
        candidates=Candidates(settings.state, texts=settings.keep_candidate_texts),
        clock=clock,
    )
    assets = Assets(fixed=settings.production)
    return Parts(
        settings=settings,
        store=store,
        replies=replies,
        gateway=gateway,
        events=events,
        assets=assets,
        templates=make_templates(assets),
        per_conversation=Limit(settings.rate_conversation),
        per_address=Limit(settings.rate_address),
    )


def make_templates(assets: Assets) -> Jinja2Templates:
    """Return the page templates: everything escaped, `static(name)` gives the address of a file."""
    templates = Jinja2Templates(directory=TEMPLATES)
    templates.env.globals["static"] = assets.url
    templates.env.trim_blocks = templates.env.lstrip_blocks = True
    return templates


def create_app(settings: Settings, parts: Parts | None = None) -> FastAPI:
    """Return the app. It opens nothing before it starts."""
    parts = parts or make_parts(settings)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        await start(parts)
        channel = await start_telegram(parts)
        reminders = Reminders(parts.gateway)
        reminders.begin()
        yield
        await reminders.stop()
        if channel is not None:
            await channel.stop()
        await parts.gateway.rasa.close()
        parts.store.close()

    app = FastAPI(
        title="Lotse",
        version="0.1.0",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
    )
    app.state.parts = parts
    app.include_router(api.router(parts))
    app.include_router(docs_page.router(app))
    app.include_router(console.router(parts))
    app.include_router(print_page.router(parts))
    app.include_router(widget.router(parts.gateway, parts.templates))
    app.mount("/static", mount(parts.assets.folder), name="static")
    refusals(app, parts)
    app.add_middleware(GZipMiddleware, minimum_size=1024)
    app.add_middleware(BodyLimit, refuse=_too_large(parts), larger=UPLOADS)
    app.add_middleware(
        SafeHeaders,
        frame_ancestors=settings.frame_ancestors,
        https=settings.public_url.startswith("https:"),
    )
    return app


async def start(parts: Parts) -> None:
    """Make ready what the first turn would otherwise wait for, and pick up what the last run left behind."""
    await asyncio.to_thread(_prepare, parts)
    # a second or two of loading that only a doubtful sentence needs: beside the first turns, not before them
    asyncio.get_running_loop().run_in_executor(None, languages.preload)


def _prepare(parts: Parts) -> None:
    _make_state(parts.settings.state)
    parts.store.migrate()
    with parts.store.begin() as work:
        left = conversations.recover_received(work, parts.gateway.clock())
        _example_courses(work, parts)
        work.commit()
    if left:
        log.warning("unanswered messages of an earlier run", extra={"count": left})
    parts.replies.preload()


def _example_courses(work: Work, parts: Parts) -> None:
    """Show courses while nobody has imported any, but never to real people."""
    if parts.settings.production:
        courses.remove_examples(work)
    else:
        courses.load_examples(work, parts.gateway.clock().astimezone(BERLIN).date())


def _make_state(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)


async def start_telegram(parts: Parts) -> telegram.Telegram | None:
    """Start the Telegram channel if there is a token; return what can be stopped, None without one."""
    return await telegram.start(parts.gateway, parts.settings) if parts.settings.telegram_token else None


def refusals(app: FastAPI, parts: Parts) -> None:
    """Make every error `{"error": code, "message": sentence}`."""

    async def refused(request: Request, problem: Refused) -> JSONResponse:
        words = await api.sentence(parts, request, problem)
        headers = {"Retry-After": "5"} if problem.status == 429 else None
        return JSONResponse({"error": problem.code, "message": words}, problem.status, headers)

    async def invalid(request: Request, problem: RequestValidationError) -> JSONResponse:
        field = str(problem.errors()[0]["loc"][-1])
        return await refused(request, Refused("bad_request", 422, field=field))

    async def other(request: Request, problem: HTTPException) -> JSONResponse:
        code = {404: "not_found", 405: "not_allowed"}.get(problem.status_code, "bad_request")
        values = {"field": request.url.path} if code == "bad_request" else {}
        return await refused(request, Refused(code, problem.status_code, **values))

    async def broken(request: Request, problem: Exception) -> JSONResponse:
        # the class only: the text of an exception may hold what a person wrote
        log.error("internal error", extra={"why": type(problem).__name__, "path": request.scope["path"][:12]})
        return await refused(request, Refused("internal", 500))

    app.add_exception_handler(Refused, refused)  # type: ignore[arg-type]
    app.add_exception_handler(RequestValidationError, invalid)  # type: ignore[arg-type]
    app.add_exception_handler(HTTPException, other)  # type: ignore[arg-type]
    app.add_exception_handler(Exception, broken)


def _too_large(parts: Parts) -> Callable[[Scope, Receive, Send], Any]:
    async def refuse(scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        words = parts.replies.render("error.body_too_large", {}, parts.language_of(request) or "en")
        await JSONResponse({"error": "body_too_large", "message": words}, 413)(scope, receive, send)

    return refuse
