"""Stored messages → what a reader sees, in any language: the chat, the console, Telegram, a push."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from bot.checklist import Paper, checklist
from bot.replies import Replies
from bot.replies.bidi import without_controls
from office.conversations import Message

# Buttons that stand on pages before anything was said, so no stored message offers them: payload -> label.
STANDING = {
    "/ask_opening_hours": "choice.opening_hours",
    "/ask_required_documents": "choice.documents",
    "/ask_language_course": "choice.language_course",
    "/ask_work_permission": "choice.work_permission",
    "/request_human": "choice.person",
}
LANGUAGE_BUTTON = re.compile(r'/change_language\{"language": "([a-z]+)"\}')


def standing(payload: str) -> dict[str, Any] | None:
    """Return the choice behind a button that is always there; None if it is none of these."""
    language = LANGUAGE_BUTTON.fullmatch(payload)
    label = f"choice.language.{language[1]}" if language else STANDING.get(payload)
    return {"label": label} if label else None


@dataclass(frozen=True)
class Button:
    """A choice the reader has: what stands on it, and what it sends."""

    title: str
    payload: str


@dataclass(frozen=True)
class Shown:
    """A message in the reader's language; `id` None: not kept (the last words before an erasure)."""

    id: int | None
    author: str
    response: str | None
    values: dict[str, Any]
    text: str
    buttons: tuple[Button, ...]
    at: datetime
    state: str = "done"
    checklist: tuple[Paper, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return it as the API gives it; every key is always there."""
        found = asdict(self)
        found["buttons"] = [asdict(button) for button in self.buttons]
        found["checklist"] = [asdict(paper) for paper in self.checklist]
        found["at"] = self.at.isoformat(timespec="seconds")
        return found


def shown(replies: Replies, message: Message, language: str, pressed: str | None = None) -> Shown:
    """Return one message as read in `language`; `pressed` is what stood on the button, if it was one."""
    return Shown(
        id=message.id,
        author=message.author,
        response=message.response,
        values=dict(message.values or {}),
        text=_words(replies, message, language, pressed),
        buttons=buttons(replies, message.choices, language),
        at=message.created_at,
        state=message.state,
        checklist=checklist(replies, message.response, message.values or {}, language),
    )


def _words(replies: Replies, message: Message, language: str, pressed: str | None) -> str:
    if message.response is not None:
        values = dict(message.values or {})
        return replies.render(message.response, values, language, simple=bool(values.get("simple")))
    if message.text is not None:
        return without_controls(message.text)
    return pressed or ""


def buttons(replies: Replies, choices: Iterable[dict[str, Any]] | None, language: str) -> tuple[Button, ...]:
    """Return the buttons of a message with their titles in this language."""
    return tuple(
        Button(replies.render(choice["label"], choice.get("values") or {}, language), choice["payload"])
        for choice in choices or ()
    )


def transcript(replies: Replies, messages: Sequence[Message], language: str, after: int | None = None) -> list[Shown]:
    """Return a whole conversation in one language, or what came after a message.

    `messages` must begin early enough: what stood on a button that was pressed is found in the message that
    offered it.
    """
    offered: dict[str, dict[str, Any]] = {}
    found = []
    for message in messages:
        for choice in message.choices or ():
            offered[choice["payload"]] = choice
        if after is not None and message.id <= after:
            continue
        choice = offered.get(message.payload or "") or standing(message.payload or "")
        pressed = replies.render(choice["label"], choice.get("values") or {}, language) if choice else None
        found.append(shown(replies, message, language, pressed))
    return found
