"""Danger words: found before anything else, whoever owns the conversation, also while Rasa is down."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path

KINDS = ("violence", "suicide", "medical", "child")
LIST = Path(__file__).resolve().parent.parent / "data" / "lexicon" / "emergency"

_MARKS = re.compile("[\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u0640]")  # Arabic vowel signs, tatweel
_INVISIBLE = re.compile("[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe00-\ufe0f\ufeff]")
_LETTERS = str.maketrans(
    {
        # forms of one letter that keyboards and habits mix
        "أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ی": "ي", "ئ": "ي", "ؤ": "و", "ة": "ه",
        "ک": "ك", "ہ": "ه", "ھ": "ه", "گ": "ك",
        "ß": "ss", "ı": "i", "’": "'", "`": "'", "´": "'",
    }
)  # fmt: skip
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})
_REPEATED = re.compile(r"(\w)\1{2,}")
_WORDS = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_CLITICS = ("وال", "بال", "فال", "لل", "ال", "و", "ف", "ب", "ل", "ك")


def normalised(text: str) -> list[str]:
    """Return the words of a text in one spelling: case, vowel signs, letter forms, stretched letters."""
    text = unicodedata.normalize("NFKC", text).translate(_LETTERS).casefold()
    text = unicodedata.normalize("NFC", _INVISIBLE.sub("", _MARKS.sub("", text))).translate(_UMLAUTS)
    bare = "".join(c for c in unicodedata.normalize("NFD", text) if unicodedata.category(c) != "Mn")
    return [_REPEATED.sub(r"\1\1", word.replace("'", "")) for word in _WORDS.findall(bare)]


class Emergency:
    """The list, ready to be searched. A form may end in `*`: its last word is then only a beginning."""

    def __init__(self, rows: Iterable[tuple[str, str]]) -> None:
        self._whole: dict[tuple[str, ...], str] = {}
        self._begun: dict[tuple[str, ...], list[tuple[str, str]]] = {}
        self._longest = 1
        # words that something longer than one word begins with
        self._first: set[str] = set()
        for kind, form in rows:
            begun = form.rstrip().endswith("*")
            words = tuple(normalised(form))
            if not words:
                continue
            self._longest = max(self._longest, len(words))
            if len(words) > 1:
                self._first.add(words[0])
            if begun:
                self._begun.setdefault(words[:-1], []).append((words[-1], kind))
            else:
                self._whole.setdefault(words, kind)

    def __len__(self) -> int:
        return len(self._whole) + sum(map(len, self._begun.values()))

    def kind(self, text: str) -> str | None:
        """Return the kind of danger named in the text; None if there is none."""
        words = normalised(text)
        for start in range(len(words)):
            for first in _readings(words[start]):
                longest = self._longest if first in self._first else 1
                for length in range(1, min(longest, len(words) - start) + 1):
                    found = self._at((first, *words[start + 1 : start + length]))
                    if found is not None:
                        return found
        return None

    def _at(self, words: tuple[str, ...]) -> str | None:
        whole = self._whole.get(words)
        if whole is not None:
            return whole
        for beginning, kind in self._begun.get(words[:-1], ()):
            if words[-1].startswith(beginning):
                return kind
        return None


def _readings(word: str) -> Iterable[str]:
    """Yield the word, and in Arabic script also without the small words written onto its beginning."""
    yield word
    if "\u0600" <= word[0] <= "\u06ff":
        for clitic in _CLITICS:
            if word.startswith(clitic) and len(word) - len(clitic) >= 3:
                yield word[len(clitic) :]


def load_emergency(path: Path = LIST) -> Emergency:
    """Read one list (language TAB kind TAB form) or a folder of them, one file per language.

    Raises ValueError naming a line that cannot be used.
    """
    files = sorted(path.glob("*.tsv")) if path.is_dir() else [path]
    return Emergency(row for file in files for row in _rows(file))


def _rows(path: Path) -> Iterator[tuple[str, str]]:
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        fields = [field.strip() for field in line.split("\t")]
        if fields[:3] == ["language", "kind", "form"]:
            continue
        if len(fields) < 3 or fields[1] not in KINDS or not normalised(fields[2]):
            raise ValueError(f"{path.name}, line {number}: must be language TAB {'|'.join(KINDS)} TAB form")
        yield fields[1], fields[2]
