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
WHOLE_ONLY = "whole_only"  # the key of 'yes' and 'no' in it
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


def pressed(
    text: str, rows: Sequence[Sequence[Button]], *, asked: bool, counted: Sequence[Button] | None = None
) -> str | None:
    """Return the payload of the button that a message means; None if it means none, or more than one.

    `rows` are the buttons of the last answer, once for each language their titles may be typed in. `asked`: they answer
    an open question, so a part of a title is enough; otherwise only the whole title is. `counted` are the buttons on the
    screen, which a number counts; None: those of an open question.
    """
    if not could_be_pressed(text):
        return None
    words = _tokens(text)
    for whole in (True, False) if asked else (True,):
        for buttons in rows:
            found = {button.payload for button in buttons if _fits(words, text, button, whole=whole)}
            if len(found) == 1:
                return found.pop()
    if counted is None:
        counted = rows[0] if asked and rows else ()
    return _by_place(words, counted, asked=asked)


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
    return len(word) >= (4 if word.isascii() else 2) and word not in _whole_only()


def _by_place(words: list[str], buttons: Sequence[Button], *, asked: bool) -> str | None:
    """'2' or 'the second one'. A question is counted without the ways out: a number may be its answer, too."""
    if not asked and len(words) != 1:
        return None
    listed = [button.payload for button in buttons if not asked or not WAYS_OUT.search(button.payload)]
    places = {place for word in words if (place := _place(word, alone=len(words) == 1)) is not None}
    if len(listed) < (2 if asked else 1) or len(places) != 1:
        return None
    place = places.pop()
    return listed[place - 1] if place <= len(listed) else None


def _place(word: str, *, alone: bool) -> int | None:
    number = _number(word) if alone else 0
    return number if 1 <= number <= 20 else _ordinals().get(word)


def _number(word: str) -> int:
    """Return a number in any digits, Ethiopic ones too, which stand for no decimal places; 0 for none."""
    return int(word) if word.isdecimal() else int(unicodedata.numeric(word, 0)) if len(word) == 1 else 0


@cache
def _data() -> Mapping[str, Sequence[Sequence[str]]]:
    data: Mapping[str, Sequence[Sequence[str]]] = yaml.safe_load(WORDS.read_text(encoding="utf-8"))
    return data


@cache
def _whole_only() -> frozenset[str]:
    """Return the words that mean a button only if nothing else stands on it."""
    return frozenset(_fold(form) for forms in _data()[WHOLE_ONLY] for form in forms)


@cache
def _ordinals() -> Mapping[str, int]:
    """Return the place each ordinal word of any language names."""
    return {
        token: place
        for name, lists in _data().items()
        if name != WHOLE_ONLY
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
