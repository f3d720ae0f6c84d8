"""A browser without JavaScript before the whole app; Rasa is the one of tests/api, the clock stands."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.app import create_app, make_parts
from bot.emergency import Emergency
from bot.parts import Parts
from bot.replies import Replies
from bot.settings import Settings
from office import appointments, cases, conversations
from office.staff import create_staff
from office.store import Store

NOW = datetime(2024, 7, 1, 8, 0, tzinfo=UTC)  # a Monday, ten o'clock in Berlin
PASSWORD = "correct horse battery staple"
TOKEN = re.compile(r'name="token" value="([^"]*)"')


@dataclass
class FakeRasa:
    """Says `answer` (items of `custom`), or fails while `down`; remembers what it was sent."""

    answer: list[dict[str, Any]] = field(default_factory=lambda: [{"response": "greet.hello", "values": {}}])
    down: bool = False
    got: list[dict[str, Any]] = field(default_factory=list)

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        self.got.append(json.loads(request.content) if request.content else {})
        return httpx.Response(500) if self.down else httpx.Response(200, json=[{"custom": c} for c in self.answer])


@dataclass
class Clock:
    """The time of the whole app."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, **much: float) -> None:
        """Let time go by."""
        self.now += timedelta(**much)


class Browser:
    """Follows links and sends forms, with the form token of the last page."""

    def __init__(self, parts: Parts, address: str = "203.0.113.7") -> None:
        app = create_app(parts.settings, parts)
        transport = httpx.ASGITransport(app, raise_app_exceptions=False, client=(address, 1))
        self.app = app
        self.http = httpx.AsyncClient(transport=transport, base_url="http://localhost")
        self.page = ""

    async def get(self, path: str) -> httpx.Response:
        return self._seen(await self.http.get(path))

    async def post(self, path: str, **fields: str) -> httpx.Response:
        found = TOKEN.search(self.page)
        data = {"token": found[1] if found else "", **fields}
        answer = await self.http.post(path, data=data)
        return self._seen(answer)

    def _seen(self, answer: httpx.Response) -> httpx.Response:
        if answer.status_code not in (303, 204):
            self.page = answer.text
        return answer

    async def log_in(self, login: str = "clerk", password: str = PASSWORD) -> httpx.Response:
        await self.get("/console/login")
        answer = await self.post("/console/login", login=login, password=password)
        if answer.status_code == 303:
            await self.get("/console")
        return answer

    async def chat(self, conversation: str | None = None, **body: Any) -> dict[str, Any]:
        answer = await self.http.post("/api/chat", json={"conversation": conversation, **body})
        assert answer.status_code == 200, answer.text
        return answer.json()

    @property
    def text(self) -> str:
        """The page as read: no tags, spaces as one."""
        return " ".join(unescape(re.sub(r"<[^>]+>", " ", self.page)).split())


@pytest.fixture(scope="session")
def replies() -> Replies:
    return Replies(strict=True)


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database to copy: migrating takes longer than most tests."""
    path = tmp_path_factory.mktemp("console") / "lotse.db"
    store = Store(f"sqlite:///{path}")
    store.migrate()
    store.close()
    return path


@pytest.fixture
def rasa() -> FakeRasa:
    return FakeRasa()


@pytest.fixture
def make(tmp_path: Path, empty_database: Path, replies: Replies, rasa: FakeRasa) -> Iterator[Callable[..., Parts]]:
    stores: list[Store] = []
    shutil.copy(empty_database, tmp_path / "lotse.db")

    def build(**settings: Any) -> Parts:
        chosen = Settings(state=tmp_path, rate_conversation=0, **settings)
        store = Store(chosen.database_url, synchronous="OFF")
        stores.append(store)
        return make_parts(
            chosen,
            store=store,
            replies=replies,
            emergency=Emergency([("violence", "he hits me")]),
            transport=httpx.MockTransport(rasa),
            clock=lambda: NOW,
        )

    yield build
    for store in stores:
        store.close()


@pytest.fixture
def parts(make: Callable[..., Parts]) -> Parts:
    return make()


@pytest.fixture
def clock(parts: Parts) -> Clock:
    clock = Clock()
    parts.gateway.clock = clock
    return clock


@pytest.fixture
def clerks(parts: Parts) -> tuple[int, int]:
    """Ids of the two members of staff, `clerk` and `colleague`."""
    with parts.store.begin() as work:
        ids = tuple(create_staff(work, name, PASSWORD).id for name in ("clerk", "colleague"))
        work.commit()
    return ids[0], ids[1]


@pytest.fixture
async def visitor(parts: Parts, clock: Clock, clerks: tuple[int, int]) -> AsyncIterator[Browser]:
    """Somebody who has not logged in."""
    browser = Browser(parts)
    yield browser
    await browser.http.aclose()


@pytest.fixture
async def clerk(visitor: Browser) -> Browser:
    """A member of staff who has."""
    assert (await visitor.log_in()).status_code == 303
    return visitor


@pytest.fixture
async def colleague(parts: Parts, clerk: Browser) -> AsyncIterator[Browser]:
    """Another one, at another desk of the same app."""
    other = Browser.__new__(Browser)
    other.app, other.page = clerk.app, ""
    transport = httpx.ASGITransport(clerk.app, raise_app_exceptions=False, client=("203.0.113.8", 1))
    other.http = httpx.AsyncClient(transport=transport, base_url="http://localhost")
    assert (await other.log_in("colleague")).status_code == 303
    yield other
    await other.http.aclose()


@pytest.fixture
def open_case(parts: Parts, clock: Clock) -> Callable[..., tuple[int, str]]:
    """Open a case with an appointment for a conversation; return the case's id and the appointment's."""

    def build(conversation: str, **facts: Any) -> tuple[int, str]:
        with parts.store.begin() as work:
            row = conversations.get_conversation(work, conversation)
            slot = appointments.free_slots(work, "mettmann", clock())[0]
            booked = appointments.book(work, slot.id, row, topic="work", now=clock())
            case = cases.open_case(
                work, row, topic="work", site="mettmann", facts=facts, now=clock(), appointment=booked
            )
            work.commit()
            return case.id, booked.id

    return build
