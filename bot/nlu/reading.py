"""A message as entities read it: normalised words, each with its place in what was typed."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.nlu.normalise import normalise

_CHUNK = re.compile(r"\S+")
_WORD = re.compile(r"§|[^\W_]+")
_APOSTROPHE = re.compile(r"(?<=\w)'(?=\w)")
# '5monate', '٣شهور' and 'ን5' are two words; '25a', 'a1' and '16g' are one.
_GLUED = re.compile(r"(?<=\d)(?=[^\W\d_]{3,})|(?<=[\u0621-\u06ff\u1200-\u137f])(?=\d)")
# Longer texts are cut: what a person tells of themselves stands in the first part.
LONGEST = 4000


@dataclass(frozen=True)
class Word:
    """One normalised word and where it stands in the normalised text."""

    text: str
    start: int
    end: int


@dataclass(frozen=True)
class Reading:
    """The normalised text, its words, and for each of its characters the piece of the typed text it comes from."""

    clean: str
    words: tuple[Word, ...]
    pieces: tuple[tuple[int, int], ...]

    def typed(self, start: int, end: int) -> tuple[int, int]:
        """Return where [start, end) of the normalised text stands in the typed text, in whole typed words."""
        if not self.pieces:
            return 0, 0
        last = len(self.pieces) - 1
        return self.pieces[min(start, last)][0], self.pieces[min(max(end - 1, start), last)][1]


def read(text: str) -> Reading:
    """Return the reading of a typed text."""
    parts: list[str] = []
    pieces: list[tuple[int, int]] = []
    for chunk in _CHUNK.finditer(text[:LONGEST]):
        clean = _GLUED.sub(" ", _APOSTROPHE.sub("", normalise(chunk.group())))
        if not clean:
            continue
        if parts:
            parts.append(" ")
            pieces.append((chunk.start(), chunk.end()))
        parts.append(clean)
        pieces.extend([(chunk.start(), chunk.end())] * len(clean))
    joined = "".join(parts)
    found = tuple(Word(m.group(), m.start(), m.end()) for m in _WORD.finditer(joined))
    return Reading(joined, found, tuple(pieces))
