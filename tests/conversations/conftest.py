"""The whole assistant, started once as `make run` starts it, on free ports with an empty state."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
START_LIMIT_S = 240
DIRECTION_MARKS = dict.fromkeys(map(ord, "\u2066\u2067\u2068\u2069"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "conversations" in item.path.parts:
            item.add_marker(pytest.mark.slow)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a running assistant."""
    state = tmp_path_factory.mktemp("state")
    names = ("PORT", "RASA_PORT", "ACTIONS_PORT")
    env = {**os.environ, **{f"LOTSE_{name}": str(free_port()) for name in names}}
    env |= {"LOTSE_STATE": str(state), "LOTSE_RATE_CONVERSATION": "0", "LOTSE_RATE_ADDRESS": "0"}
    child = subprocess.Popen(
        [sys.executable, "-m", "bot.launch"],
        cwd=ROOT,
        env=env,
        text=True,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    assert child.stdout
    said = []
    try:
        # the launcher says when all parts answer, and ends by itself if one of them does not
        for line in child.stdout:
            said.append(line)
            if "Lotse is running" in line:
                break
        else:
            pytest.fail(f"The assistant did not start: {''.join(said)} (logs: {state / 'log'})")
        yield f"http://127.0.0.1:{env['LOTSE_PORT']}"
    finally:
        os.killpg(child.pid, signal.SIGINT)
        child.wait(30)


@dataclass
class Chat:
    """One conversation through the narrow door, on a given day."""

    url: str
    now: str
    language: str | None = None
    conversation: str | None = None
    answer: dict[str, Any] = field(default_factory=dict)

    def say(self, text: str) -> Chat:
        """Send what a person types."""
        return self._send({"text": text})

    def press(self, payload: str) -> Chat:
        """Press a button of the last answer; fails if it was not offered."""
        offered = [button["payload"] for message in self.answer["messages"] for button in message["buttons"]]
        assert payload in offered, f"{payload} was not offered: {offered}"
        return self._send({"payload": payload})

    def press_by_words(self, start: str, *, begin: str) -> Chat:
        """Send the payload `begin`, then type the title of the button whose payload begins with `start`."""
        self._send({"payload": begin})
        buttons = [button for message in self.answer["messages"] for button in message["buttons"]]
        title = next(button["title"] for button in buttons if button["payload"].startswith(start))
        return self.say(title.translate(DIRECTION_MARKS))

    def offered(self, start: str) -> list[str]:
        """Payloads of the last answer that begin with `start`."""
        buttons = [button for message in self.answer["messages"] for button in message["buttons"]]
        return [button["payload"] for button in buttons if button["payload"].startswith(start)]

    def _send(self, body: dict[str, object]) -> Chat:
        body |= {"conversation": self.conversation, "now": self.now}
        if self.language and not self.conversation:
            body["language"] = self.language
        self.answer = post(f"{self.url}/api/chat", body)
        self.conversation = self.answer["conversation"]
        return self

    @property
    def responses(self) -> list[str]:
        """Names of the last answer's messages."""
        return [message["response"] for message in self.answer["messages"]]

    @property
    def text(self) -> str:
        """The last answer as read, without the invisible direction marks."""
        words = "\n".join(message["text"] for message in self.answer["messages"])
        return words.translate(DIRECTION_MARKS)

    def value(self, name: str) -> Any:
        """A value of the last answer, whichever message carries it."""
        found = [message["values"][name] for message in self.answer["messages"] if name in message["values"]]
        assert found, f"no value {name} in {self.answer['messages']}"
        return found[0]


def post(url: str, body: dict[str, object]) -> dict[str, Any]:
    """Send JSON and return the JSON answer; an HTTP error fails the test with its sentence."""
    request = urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return dict(json.load(answer))
    except urllib.error.HTTPError as refused:
        pytest.fail(f"{refused.code}: {refused.read().decode()}")


@pytest.fixture
def chat(assistant: str):
    """Return a function that opens a conversation on a day: `chat("2024-07-01T10:00", "de")`."""

    def open_chat(now: str, language: str | None = None) -> Chat:
        return Chat(assistant, now, language)

    return open_chat
