"""A small Bot API server for tests: remembers what it is told, hands out the updates a test puts in, fails on demand."""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

TOKEN = "123456:TEST-token_of_the_emulator"
BOT = {"id": 123456, "is_bot": True, "first_name": "Lotse", "username": "lotse_test_bot"}
WITHIN = 10.0  # seconds until a test that waits for something fails
LOOK = 0.02  # seconds between two looks while nothing is called
Fault = tuple[int, str, dict[str, Any]]


@dataclass(frozen=True)
class Call:
    """One call of the bot: the method, what it sent, when (seconds of the loop), and the id Telegram gave."""

    method: str
    data: Mapping[str, Any]
    at: float
    message_id: int | None = None

    @property
    def chat(self) -> int:
        """The chat it went to."""
        return int(self.data["chat_id"])

    @property
    def text(self) -> str:
        """The words, of a message or under a file."""
        return str(self.data.get("text") or self.data.get("caption") or "")

    @property
    def keys(self) -> list[tuple[str, str]]:
        """The buttons: (title, callback data)."""
        rows = json.loads(self.data.get("reply_markup") or "{}").get("inline_keyboard", [])
        return [(key["text"], key["callback_data"]) for row in rows for key in row]


class Emulator:
    """The server's memory. `app` answers under /bot<token>/<method>."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.down = False  # every method answers 502
        self.hanging = ""  # a method that does not answer as long as it stands here
        self.token = TOKEN
        self.confirmed = 0  # updates below this id have been forgotten
        self._updates: list[dict[str, Any]] = []
        self._given: set[int] = set()  # ids of the dicts that were handed out; the list keeps them alive
        self._handed_out: list[dict[str, Any]] = []
        self._faults: defaultdict[str, list[Fault]] = defaultdict(list)
        self._next_update = 1000
        self._next_message = 1
        self._news = asyncio.Condition()
        self.app = Starlette(routes=[Route("/bot{token}/{method}", self._answer, methods=["GET", "POST"])])

    # what a test does --------------------------------------------------------------------------------------

    async def put(self, kind: str, body: dict[str, Any], *, update_id: int | None = None) -> int:
        """Put an update in; return its id. An id given again is the same update delivered once more."""
        if update_id is None:
            self._next_update += 1
            update_id = self._next_update
        async with self._news:
            self._updates.append({"update_id": update_id, kind: body})
            self._news.notify_all()
        return update_id

    async def say(self, text: str, chat: int = 7, *, language: str | None = "de", update_id: int | None = None) -> int:
        """A person writes."""
        return await self.put("message", message(text=text, chat=chat, language=language), update_id=update_id)

    async def send(self, chat: int = 7, *, language: str | None = "de", **content: Any) -> int:
        """A person sends something else."""
        return await self.put("message", message(chat=chat, language=language, **content))

    async def press(self, data: str, chat: int = 7, *, on: int = 1, language: str | None = "de") -> int:
        """A person presses a button under the message with the id `on`."""
        body = message(text="…", chat=chat) | {"message_id": on, "from": BOT}
        press = {"id": f"q{self._next_update}", "from": user(chat, language), "message": body, "chat_instance": "1"}
        return await self.put("callback_query", press | {"data": data})

    def fail(self, method: str, code: int, words: str = "Sorry", times: int = 1, **parameters: Any) -> None:
        """Let the next calls of a method fail."""
        self._faults[method] += [(code, words, parameters)] * times

    async def wait(self, enough: Callable[[], Any]) -> Any:
        """Wait until a condition is true; return what it gave. Fails after a while, showing what was called.

        It is looked at after each call, and now and then, for what changes in the database without one.
        """
        try:
            async with asyncio.timeout(WITHIN), self._news:
                while not (found := enough()):
                    with suppress(TimeoutError):
                        await asyncio.wait_for(self._news.wait(), LOOK)
                return found
        except TimeoutError:
            calls = [(call.method, call.data.get("chat_id"), call.text[:50]) for call in self.calls]
            raise AssertionError(f"still waiting; calls: {calls}") from None

    async def sent(self, count: int = 1, chat: int = 7) -> list[Call]:
        """Wait until a chat has got so many messages and files; return all it has got."""
        return await self.wait(lambda: len(got := self.got(chat)) >= count and got)

    async def called(self, method: str, count: int = 1) -> list[Call]:
        """Wait until a method was called so often."""
        return await self.wait(lambda: len(found := self.of(method)) >= count and found)

    async def change(self, **state: Any) -> None:
        """Change `down` or `token`; requests that wait for news come back."""
        async with self._news:
            for name, value in state.items():
                setattr(self, name, value)
            self._news.notify_all()

    async def forgotten(self, update_id: int) -> None:
        """Wait until the bot has let Telegram forget an update."""
        await self.wait(lambda: self.confirmed > update_id)

    def got(self, chat: int = 7) -> list[Call]:
        """Return the messages and files a chat has got."""
        return [c for c in self.calls if c.method in ("sendMessage", "sendDocument") and c.chat == chat]

    def of(self, method: str) -> list[Call]:
        """Return the calls of a method that succeeded."""
        return [c for c in self.calls if c.method == method]

    # the server --------------------------------------------------------------------------------------------

    async def _answer(self, request: Request) -> JSONResponse:
        method = request.path_params["method"]
        data: dict[str, Any] = dict(request.query_params)
        async with request.form() as form:
            for name, value in form.items():
                data[name] = value if isinstance(value, str) else (value.filename, await value.read())
        async with self._news:
            while method == self.hanging and not self.down:
                await self._news.wait()
        if request.path_params["token"] != self.token:
            return refuse(401, "Unauthorized")
        if self.down:
            await self._note(Call("down", {"method": method}, asyncio.get_running_loop().time()))
            return refuse(502, "Bad Gateway")
        if self._faults[method]:
            code, words, parameters = self._faults[method].pop(0)
            await self._note(Call(f"failed {method}", data, asyncio.get_running_loop().time()))
            return refuse(code, words, parameters)
        if method == "getUpdates":
            return await self._get_updates(data)
        if "text" in data and len(data["text"].encode("utf-16-le")) > 2 * 4096 and method == "sendMessage":
            return refuse(400, "Bad Request: message is too long")
        return JSONResponse({"ok": True, "result": await self._do(method, data)})

    async def _do(self, method: str, data: dict[str, Any]) -> Any:
        result: Any = True
        number = None
        if method == "getMe":
            result = BOT
        elif method in ("sendMessage", "sendDocument"):
            number, self._next_message = self._next_message, self._next_message + 1
            result = message(text=data.get("text", ""), chat=int(data["chat_id"])) | {"message_id": number, "from": BOT}
        elif method not in ("setMyCommands", "deleteWebhook", "sendChatAction", "answerCallbackQuery",
                            "editMessageReplyMarkup"):  # fmt: skip
            raise AssertionError(f"the emulator does not know {method}")
        await self._note(Call(method, data, asyncio.get_running_loop().time(), number))
        return result

    async def _get_updates(self, data: dict[str, Any]) -> JSONResponse:
        offset = int(data.get("offset") or 0)
        async with self._news:
            # one that was put in again is handed out again, whatever was confirmed before
            self._updates = [u for u in self._updates if u["update_id"] >= offset or id(u) not in self._given]
            self.confirmed = max(self.confirmed, offset)
            self._news.notify_all()
            try:
                async with asyncio.timeout(int(data.get("timeout") or 0)):
                    while not self._updates and not self.down:
                        await self._news.wait()
            except TimeoutError:
                pass
            batch = self._updates[:100]
            self._given |= {id(update) for update in batch}
            self._handed_out += batch
            return JSONResponse({"ok": True, "result": batch})

    async def _note(self, call: Call) -> None:
        async with self._news:
            self.calls.append(call)
            self._news.notify_all()


def refuse(code: int, words: str, parameters: Mapping[str, Any] | None = None) -> JSONResponse:
    """Return an error as Telegram does."""
    body = {"ok": False, "error_code": code, "description": words}
    return JSONResponse(body | ({"parameters": dict(parameters)} if parameters else {}), code)


def user(number: int, language: str | None = "de") -> dict[str, Any]:
    """Return a person; no name that could be anybody's."""
    found: dict[str, Any] = {"id": number, "is_bot": False, "first_name": "X"}
    return found | ({"language_code": language} if language else {})


def message(*, chat: int = 7, language: str | None = "de", **content: Any) -> dict[str, Any]:
    """Return a message of a person; negative chats are groups."""
    where = {"id": chat, "type": "private", "first_name": "X"} if chat > 0 else {
        "id": chat, "type": "supergroup", "title": "G"
    }  # fmt: skip
    found: dict[str, Any] = {"message_id": 1, "date": 1719820800, "chat": where, "from": user(abs(chat), language)}
    text = content.get("text", "")
    if isinstance(text, str) and text.startswith("/"):
        content["entities"] = [{"type": "bot_command", "offset": 0, "length": len(text.split()[0])}]
    return found | content
