"""A button that was typed instead of pressed: its words, some of them, its number, or 'the second one'."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import yaml

from bot.transcript import Button

WORDS = Path(__file__).with_name("choice_words.yml")
# A longer message says something of its own.
MOST_WORDS = 5
QUESTION_MARKS = frozenset("?؟⁉")
# Ways out of a question stand on every list and are not counted when a number is typed.
WAYS_OUT = re.compile(r"/(dont_know|ask_why|stop|request_human)\b|\"slot\": \"(more|none)\"|\"change\":")
# A day alone is a wish ('Tuesday'), not yet the choice of one of the times shown.
TIME = re.compile(r"\d\s*[:.h]\s*\d\d")
SLOT = re.compile(r'"slot": "[a-z0-9_-]+:')
_ARABIC = str.maketrans("أإآٱىيیةکۀ", "اااايييهكه")
_TOKEN = re.compile(r"\d+[:.]\d\d|\w+")


def pressed(text: str, rows: Sequence[Sequence[Button]], *, asked: bool) -> str | None:
    """Return the payload of the button that a message means; None if it means none, or more than one.

    `rows` are the buttons on the screen, once for each language their titles may be typed in. `asked`: they answer an
    open question, so a part of a title is enough; otherwise only the whole title is.
    """
    if not could_be_pressed(text):
        return None
    words = _tokens(text)
    for whole in (True, False) if asked else (True,):
        for buttons in rows:
            found = {button.payload for button in buttons if _fits(words, text, button, whole=whole)}
            if len(found) == 1:
                return found.pop()
    return _by_place(words, rows[0]) if asked and rows else None


def could_be_pressed(text: str) -> bool:
    """Return False for a message that cannot mean a button: a question, or too long."""
    return not QUESTION_MARKS & set(text) and 0 < len(_tokens(text)) <= MOST_WORDS


def _fits(words: list[str], text: str, button: Button, *, whole: bool) -> bool:
    title = _tokens(button.title)
    if whole or not title:
        return words == title
    if SLOT.search(button.payload) and not TIME.search(text):
        return False
    return set(words) <= set(title) and any(_says_something(word) for word in words)


def _says_something(word: str) -> bool:
    return len(word) >= (4 if word.isascii() else 2)


def _by_place(words: list[str], buttons: Sequence[Button]) -> str | None:
    """'2', 'number 2' or 'the second one': counted without the ways out."""
    listed = [button.payload for button in buttons if not WAYS_OUT.search(button.payload)]
    places = {place for word in words if (place := _place(word, alone=len(words) == 1)) is not None}
    if len(listed) < 2 or len(places) != 1:
        return None
    place = places.pop()
    return listed[place - 1] if place <= len(listed) else None


def _place(word: str, *, alone: bool) -> int | None:
    if alone and word.isdecimal() and 1 <= int(word) <= 20:
        return int(word)
    return _ordinals().get(word)


@cache
def _ordinals() -> Mapping[str, int]:
    """Return the place each ordinal word of any language names."""
    data = yaml.safe_load(WORDS.read_text(encoding="utf-8"))
    return {
        token: place
        for lists in data.values()
        for place, forms in enumerate(lists, 1)
        for form in forms
        for token in [_fold(form)]
    }


def _fold(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.casefold())
    kept = "".join(char for char in plain if not unicodedata.combining(char) and unicodedata.category(char) != "Cf")
    return unicodedata.normalize("NFC", kept).translate(_ARABIC).replace("\u0640", "")


def _tokens(text: str) -> list[str]:
    return [_clock(token) for token in _TOKEN.findall(_fold(text))]


def _clock(token: str) -> str:
    """'8.30' and '08:30' are one time."""
    hour, mark, minutes = re.sub(r"[.]", ":", token).partition(":")
    return f"{int(hour):02}:{minutes}" if mark and hour.isdecimal() else token
