"""A whole channel: gateway, database and a Rasa that says what a test tells it to, against an emulated Telegram."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn

from bot.app import make_parts
from bot.channels import telegram
from bot.channels.telegram_patience import Pace
from bot.gateway import Gateway
from bot.incoming import Domain
from bot.parts import Parts
from bot.replies import Replies
from bot.settings import Settings
from office.conversations import Conversation, Message, by_channel, messages
from office.staff import create_staff
from office.store import Store
from office.tables import Outbox
from tests.api.conftest import DANGER, NOW, FakeRasa
from tests.telegram.emulator import TOKEN, Emulator

FAST = Pace(first=0.01, longest=0.05, look=0.05, poll=20, slow=0.05, thinking=0.01, typing=0.05, leave=5.0)
INTENTS = (
    "greet request_human inform affirm deny change_language ask_opening_hours ask_capabilities stop delete_my_data"
)
DOMAIN = Domain(frozenset(INTENTS.split()), frozenset({"language", "site", "slot"}))


class Clock:
    """A clock that stands until a test moves it."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> Any:
        return self.now

    def later(self, **by: float) -> None:
        self.now += timedelta(**by)


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("database") / "lotse.db"
    store = Store(f"sqlite:///{path}")
    store.migrate()
    store.close()
    return path


@pytest.fixture(scope="session")
def replies() -> Replies:
    return Replies(strict=True)


@pytest.fixture
def rasa() -> FakeRasa:
    return FakeRasa()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def server(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[Emulator, str]]:
    """The emulated Bot API on a free port of this machine."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    emulator = Emulator()
    config = uvicorn.Config(emulator.app, host="127.0.0.1", port=0, log_level="critical", lifespan="off")
    server = uvicorn.Server(config)
    listening = config.bind_socket()
    serving = asyncio.create_task(server.serve([listening]))
    yield emulator, f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    await emulator.change(down=True)
    await serving


@pytest.fixture
def emulator(server: tuple[Emulator, str]) -> Emulator:
    return server[0]


@pytest.fixture
def parts(
    tmp_path: Path,
    empty_database: Path,
    replies: Replies,
    rasa: FakeRasa,
    clock: Clock,
    server: tuple[Emulator, str],
) -> Iterator[Parts]:
    shutil.copy(empty_database, tmp_path / "lotse.db")
    settings = Settings(state=tmp_path, rate_conversation=0, telegram_token=TOKEN, telegram_api_url=server[1])
    store = Store(settings.database_url, synchronous="OFF")
    yield make_parts(
        settings,
        store=store,
        replies=replies,
        domain=DOMAIN,
        emergency=DANGER,
        transport=httpx.MockTransport(rasa),
        clock=clock,
    )
    store.close()


@pytest.fixture
def gateway(parts: Parts) -> Gateway:
    return parts.gateway


Begin = Callable[[], Awaitable[telegram.Telegram]]


@pytest.fixture
async def begin(parts: Parts) -> AsyncIterator[Begin]:
    """Start a channel (again); all are stopped at the end."""
    started: list[telegram.Telegram] = []

    async def begin() -> telegram.Telegram:
        started.append(await telegram.start(parts.gateway, parts.settings, FAST))
        return started[-1]

    yield begin
    for channel in started:
        await channel.stop()


@pytest.fixture
async def channel(begin: Begin) -> telegram.Telegram:
    return await begin()


@pytest.fixture
def staff(parts: Parts) -> int:
    with parts.store.begin() as work:
        member = create_staff(work, "clerk", "correct horse battery staple")
        work.commit()
        return member.id


@dataclass
class Kept:
    """What the database holds about a chat."""

    parts: Parts

    def conversation(self, chat: int = 7) -> Conversation:
        with self.parts.store.read() as work:
            found = by_channel(work, "telegram", str(chat))
            assert found is not None
            return found

    def messages(self, chat: int = 7) -> list[Message]:
        with self.parts.store.read() as work:
            found = by_channel(work, "telegram", str(chat))
            return list(messages(work, found)) if found else []

    def names(self, chat: int = 7) -> list[str | None]:
        return [message.response or message.payload or message.text for message in self.messages(chat)]

    def outbox(self) -> list[Outbox]:
        with self.parts.store.read() as work:
            return list(work.session.query(Outbox).order_by(Outbox.id))

    def states(self) -> list[str]:
        return [entry.state for entry in self.outbox()]


@pytest.fixture
def kept(parts: Parts) -> Kept:
    return Kept(parts)
