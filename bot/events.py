"""In-process fan-out: who listens to a topic hears that something happened there.

Topics: `conversation:<id>` and `console`. On several machines another transport takes this place; nothing
relies on an event arriving, every listener can read the database instead.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

CONSOLE = "console"
QUEUE_LIMIT = 100  # a listener that is further behind than this is told to read the database


def conversation_topic(conversation_id: str) -> str:
    """Return the topic of one conversation."""
    return f"conversation:{conversation_id}"


@dataclass(frozen=True)
class Event:
    """Something that happened: `kind` is message, owner, language, erased, changed or lagging."""

    topic: str
    kind: str
    data: dict[str, Any] = field(default_factory=dict)


class Subscription:
    """What one listener has not read yet; iterate over it, or take from it with `get`."""

    def __init__(self, topic: str) -> None:
        self.topic = topic
        self._queue: asyncio.Queue[Event] = asyncio.Queue()

    def put(self, event: Event) -> None:
        """Add an event; a listener that fell far behind gets one 'lagging' instead of all of them."""
        if self._queue.qsize() >= QUEUE_LIMIT:
            while not self._queue.empty():
                self._queue.get_nowait()
            event = Event(self.topic, "lagging")
        self._queue.put_nowait(event)

    async def get(self) -> Event:
        """Wait for the next event."""
        return await self._queue.get()

    async def __aiter__(self) -> AsyncIterator[Event]:
        while True:
            yield await self._queue.get()


class Events:
    """Topics and who listens. Only for the event loop that made it."""

    def __init__(self) -> None:
        self._listeners: defaultdict[str, set[Subscription]] = defaultdict(set)

    @contextmanager
    def subscribe(self, topic: str) -> Iterator[Subscription]:
        """Listen to a topic as long as the block lasts."""
        subscription = Subscription(topic)
        self._listeners[topic].add(subscription)
        try:
            yield subscription
        finally:
            self._listeners[topic].discard(subscription)
            if not self._listeners[topic]:
                del self._listeners[topic]

    def publish(self, topic: str, kind: str, **data: Any) -> None:
        """Tell everybody who listens to the topic; nobody listening is fine."""
        for subscription in tuple(self._listeners.get(topic, ())):
            subscription.put(Event(topic, kind, data))

    def listeners(self, topic: str) -> int:
        """Return how many listen to a topic."""
        return len(self._listeners.get(topic, ()))
