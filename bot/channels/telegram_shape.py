"""Our messages in Telegram's shape: parts short enough to send, buttons and what they carry."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.transcript import Button

MAX_TEXT = 4096  # UTF-16 units in one message (Bot API, sendMessage)
MAX_TITLE = 14  # characters; two titles of this length stand beside each other on a small phone
IN_A_ROW = 2
CALLBACK = re.compile(r"m(\d{1,18}):(\d{1,3})")


def callback_data(message: int, index: int) -> str:
    """Return what a button carries: payloads are longer than the 64 bytes Telegram allows, so where it stands."""
    return f"m{message}:{index}"


def parse_callback(data: str | None) -> tuple[int, int] | None:
    """Return (message id, index of the choice); None if this is no button of ours."""
    match = CALLBACK.fullmatch(data or "")
    return (int(match[1]), int(match[2])) if match else None


def keyboard(message: int, buttons: Sequence[Button]) -> InlineKeyboardMarkup | None:
    """Return the buttons of a message, one or two in a row; None if it has none."""
    rows: list[list[InlineKeyboardButton]] = []
    room = False
    for index, button in enumerate(buttons):
        short = len(button.title) <= MAX_TITLE
        key = InlineKeyboardButton(button.title, callback_data=callback_data(message, index))
        if short and room and len(rows[-1]) < IN_A_ROW:
            rows[-1].append(key)
        else:
            rows.append([key])
        room = short
    return InlineKeyboardMarkup(rows) if rows else None


def units(text: str) -> int:
    """Return the length as Telegram counts it."""
    return len(text.encode("utf-16-le")) // 2


def split(text: str, limit: int = MAX_TEXT) -> list[str]:
    """Cut a text into parts of at most `limit` units: at line ends, else between words, else anywhere."""
    parts: list[str] = []
    current = ""
    for piece in _pieces(text, limit):
        if current and units(current) + units(piece.rstrip()) > limit:
            parts.append(current)
            current = ""
        current += piece
    parts.append(current)
    return [part.strip() for part in parts if part.strip()]


def _pieces(text: str, limit: int) -> Iterator[str]:
    for line in text.splitlines(keepends=True):
        if units(line) <= limit:
            yield line
        else:
            for word in re.findall(r"\S*\s*", line):
                yield from _chunks(word, limit)


def _chunks(word: str, limit: int) -> Iterator[str]:
    # a character has at most two units
    step = limit if units(word) <= limit else limit // 2
    for start in range(0, len(word), step):
        yield word[start : start + step]
