"""Talking to Rasa: one shared client, one call per turn, and one kind of failure."""

from __future__ import annotations

import json
import logging
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

log = logging.getLogger(__name__)

HEADERS = {"Content-Type": "application/json"}


class RasaFailed(Exception):
    """Rasa did not give an answer that can be used; the text says why and holds nothing personal."""


@dataclass(frozen=True)
class Reply:
    """One item of Rasa's answer: a response name with values, choices, and effects for the gateway."""

    response: str
    values: dict[str, Any] = field(default_factory=dict)
    choices: list[dict[str, Any]] = field(default_factory=list)
    effects: dict[str, Any] = field(default_factory=dict)


def parsed(items: Any) -> list[Reply]:
    """Return the replies in Rasa's answer; raises RasaFailed if there is none that can be used."""
    if not isinstance(items, list):
        raise RasaFailed("answer is not a list")
    replies = []
    for item in items:
        custom = item.get("custom") if isinstance(item, dict) else None
        if not isinstance(custom, dict) or not isinstance(custom.get("response"), str):
            # Rasa's own text responses would be sentences without a language
            log.error("rasa answered without a response name; left out")
            continue
        replies.append(
            Reply(
                response=custom["response"],
                values=_mapping(custom.get("values")),
                choices=[choice for choice in custom.get("choices") or () if _is_choice(choice)],
                effects=_mapping(custom.get("effects")),
            )
        )
    if not replies:
        raise RasaFailed("empty answer")
    return replies


def _mapping(value: Any) -> dict[str, Any]:
    return dict(value) if isinstance(value, Mapping) else {}


def _is_choice(choice: Any) -> bool:
    return isinstance(choice, dict) and isinstance(choice.get("label"), str) and isinstance(choice.get("payload"), str)


class Rasa:
    """The Rasa server of this installation. `transport` replaces the network in tests."""

    def __init__(
        self,
        url: str,
        timeout_s: float,
        state: Path | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._url = f"{url}/webhooks/rest/webhook"
        self._root = url
        self._timeout_s = timeout_s
        self._tracker_file = state / "rasa.db" if state else None
        # connecting to the same machine either works at once or not at all
        patience = httpx.Timeout(timeout_s, connect=min(timeout_s, 2.0))
        limits = httpx.Limits(max_connections=64, max_keepalive_connections=32, keepalive_expiry=60)
        self._transport = transport or httpx.AsyncHTTPTransport(limits=limits, trust_env=False)
        self._extensions = {"timeout": patience.as_dict()}
        self._client = httpx.AsyncClient(transport=self._transport, timeout=patience, trust_env=False)

    async def send(self, conversation: str, message: str, metadata: dict[str, Any]) -> list[Reply]:
        """Send one message (text or payload) and return the replies; raises RasaFailed."""
        body = {"sender": conversation, "message": message, "metadata": metadata}
        try:
            return parsed(await self._post(body))
        except httpx.RemoteProtocolError:
            # the server closed an idle connection in the same moment; the message was not read
            pass
        except httpx.HTTPError as problem:
            raise RasaFailed(type(problem).__name__) from problem
        try:
            return parsed(await self._post(body))
        except httpx.HTTPError as problem:
            raise RasaFailed(type(problem).__name__) from problem

    async def _post(self, body: dict[str, Any]) -> Any:
        # Straight to the transport: cookies, redirects and authentication, which the client looks after, cost more than
        # the call itself, and there are none between two processes of one machine.
        request = httpx.Request(
            "POST",
            self._url,
            content=json.dumps(body, ensure_ascii=False).encode(),
            headers=HEADERS,
            extensions=self._extensions,
        )
        answer = await self._transport.handle_async_request(request)
        try:
            content = await answer.aread()
        finally:
            await answer.aclose()
        if answer.status_code != 200:
            raise RasaFailed(f"status {answer.status_code}")
        try:
            return json.loads(content)
        except ValueError as problem:
            raise RasaFailed("broken JSON") from problem

    async def alive(self, timeout_s: float = 2.0) -> bool:
        """True if the server answers (it does so only with a model loaded)."""
        return await answers(self._client, f"{self._root}/", timeout_s)

    def forget(self, conversation: str) -> None:
        """Delete Rasa's tracker of a conversation from the state folder. Blocks; raises sqlite3.Error."""
        if self._tracker_file is None or not self._tracker_file.exists():
            return
        with sqlite3.connect(self._tracker_file, timeout=10) as database:
            database.execute("PRAGMA secure_delete=ON")
            database.execute("DELETE FROM tracker_events WHERE sender_id = ?", (conversation,))
        database.close()

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()


async def answers(client: httpx.AsyncClient, url: str, timeout_s: float) -> bool:
    """True if this address answers 200 in time."""
    try:
        return (await client.get(url, timeout=timeout_s)).status_code == 200
    except httpx.HTTPError:
        return False
