"""A whole app around a Rasa that says what a test tells it to; a database of its own; a clock that stands."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.app import create_app, make_parts
from bot.emergency import Emergency
from bot.incoming import Domain
from bot.parts import Parts
from bot.replies import Replies
from bot.settings import Settings
from office.staff import create_staff
from office.store import Store

NOW = datetime(2024, 7, 1, 8, 0, tzinfo=UTC)  # a Monday, ten o'clock in Berlin
DOMAIN = Domain(
    intents=frozenset({"greet", "request_human", "inform", "change_language", "ask_opening_hours"}),
    entities=frozenset({"language", "in_reception_centre", "site"}),
)
DANGER = Emergency([("suicide", "ich will sterben"), ("violence", "he hits me"), ("suicide", "اريد ان اموت")])


def says(*responses: str, **more: Any) -> Callable[[dict[str, Any]], httpx.Response]:
    """Return an answer of Rasa with these responses; `more` goes into the last one."""
    items: list[dict[str, Any]] = [{"custom": {"response": name, "values": {}}} for name in responses]
    if more:
        items[-1]["custom"].update(more)
    return lambda _body: httpx.Response(200, json=items)


@dataclass
class FakeRasa:
    """Remembers what it was sent and answers with `answer`."""

    answer: Callable[[dict[str, Any]], Any] = field(default_factory=lambda: says("greet.hello"))
    got: list[dict[str, Any]] = field(default_factory=list)
    # set to make Rasa think: it waits for `go` after setting `asked`
    asked: asyncio.Event | None = None
    go: asyncio.Event | None = None

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content) if request.content else {}
        self.got.append(body)
        if self.asked is not None and self.go is not None:
            self.asked.set()
            await self.go.wait()
        answer = self.answer(body)
        if isinstance(answer, Exception):
            raise answer
        return answer

    @property
    def last(self) -> dict[str, Any]:
        """The newest message it was sent."""
        return self.got[-1]

    def think(self) -> tuple[asyncio.Event, asyncio.Event]:
        """Let the next answers wait; return (asked, go)."""
        self.asked, self.go = asyncio.Event(), asyncio.Event()
        return self.asked, self.go


@pytest.fixture(scope="session")
def replies() -> Replies:
    return Replies(strict=True)


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database to copy: migrating takes longer than most tests."""
    path = tmp_path_factory.mktemp("database") / "lotse.db"
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
        chosen = Settings(state=tmp_path, rate_conversation=settings.pop("rate_conversation", 0), **settings)
        store = Store(chosen.database_url, synchronous="OFF")
        stores.append(store)
        return make_parts(
            chosen,
            store=store,
            replies=replies,
            domain=DOMAIN,
            emergency=DANGER,
            transport=httpx.MockTransport(rasa),
            clock=lambda: NOW,
        )

    yield build
    for store in stores:
        store.close()


@pytest.fixture
def parts(make: Callable[..., Parts]) -> Parts:
    return make()


class Client:
    """Posts to /api/chat and reads answers."""

    def __init__(self, parts: Parts) -> None:
        transport = httpx.ASGITransport(create_app(parts.settings, parts), raise_app_exceptions=False)
        self.http = httpx.AsyncClient(transport=transport, base_url="http://localhost")

    async def post(self, conversation: str | None = None, **body: Any) -> httpx.Response:
        return await self.http.post("/api/chat", json={"conversation": conversation, **body})

    async def say(self, text: str, conversation: str | None = None, **body: Any) -> dict[str, Any]:
        answer = await self.post(conversation, text=text, **body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def read(self, conversation: str, path: str = "") -> dict[str, Any]:
        return (await self.http.get(f"/api/chat/{conversation}{path}")).json()


@pytest.fixture
async def client(parts: Parts) -> AsyncIterator[Client]:
    client = Client(parts)
    yield client
    await client.http.aclose()


@pytest.fixture
def staff(parts: Parts) -> int:
    with parts.store.begin() as work:
        member = create_staff(work, "clerk", "correct horse battery staple")
        work.commit()
        return member.id


def names(answer: dict[str, Any]) -> list[str]:
    """Return the response names of an answer."""
    return [message["response"] for message in answer["messages"]]
