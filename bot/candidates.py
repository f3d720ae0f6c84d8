"""What people chose when the assistant asked 'What do you mean?': candidates for training examples, without personal data.

One line of JSON a choice in `candidates.jsonl` of the state folder: the day, the language, the meanings that were offered, the
one that was chosen (null: something else). The message itself is kept only where the operator wants it
(`LOTSE_KEEP_CANDIDATE_TEXTS`), and then only its words that stand in our own training examples: names, numbers and
addresses of people do not.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from bot import language_model
from bot.languages import known_word

log = logging.getLogger(__name__)

FILE = "candidates.jsonl"
RESPONSE = "fallback.did_you_mean"
SOMETHING_ELSE = "choice.something_else"
MEANING = "meaning."
# A longer message tells a story, and stories are personal.
MOST_WORDS = 20
_PRIVATE = re.compile(r"\S*[@\d]\S*|https?://\S+")
_PIECE = re.compile(r"\S+")


def masked(text: str) -> str | None:
    """Return the text with every word that our examples do not hold as `_`; None if it is long."""
    if len(text.split()) > MOST_WORDS:
        return None

    def one(match: re.Match[str]) -> str:
        piece = match.group()
        words = [] if _PRIVATE.fullmatch(piece) else language_model.words(piece)
        return " ".join(word if known_word(word) else "_" for word in words) or "_"

    return _PIECE.sub(one, text)


def chosen(choices: Sequence[dict[str, Any]], payload: str) -> tuple[list[str], str | None] | None:
    """Return the meanings offered and the one a button chose; None if the button was none of these."""
    offered = [choice["label"].removeprefix(MEANING) for choice in choices if choice["label"].startswith(MEANING)]
    pressed = next((choice["label"] for choice in choices if choice["payload"] == payload), None)
    if pressed == SOMETHING_ELSE:
        return offered, None
    if pressed is None or not pressed.startswith(MEANING):
        return None
    return offered, pressed.removeprefix(MEANING)


class Candidates:
    """The file of an installation; written behind the answer, and never a reason for one to fail."""

    def __init__(self, folder: Path, *, texts: bool = False) -> None:
        self._path = folder / FILE
        self._texts = texts

    def keep(self, day: date, language: str, choices: Sequence[dict[str, Any]], payload: str, text: str | None) -> None:
        """Add the choice of one of these buttons; other buttons leave no trace."""
        found = chosen(choices, payload)
        if found is None:
            return
        line: dict[str, Any] = {"day": day.isoformat(), "language": language, "offered": found[0], "chosen": found[1]}
        if self._texts and text and (kept := masked(text)):
            line["text"] = kept
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._path.touch(mode=0o600, exist_ok=True)
            with self._path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(line, ensure_ascii=False) + "\n")
        except OSError as problem:
            log.warning("candidate not kept", extra={"why": type(problem).__name__})
