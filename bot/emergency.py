"""Danger words: found before anything else, whoever owns the conversation, also while Rasa is down."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from bot.nlu.lexicon import Lexicon, Row, read_prefixes
from bot.nlu.normalise import normalise, words

KINDS = ("violence", "suicide", "medical", "child")
LIST = Path(__file__).resolve().parent.parent / "data" / "lexicon" / "emergency"

PREFIXES_FILE = LIST.parent / "prefixes.tsv"


def normalised(text: str) -> list[str]:
    """Return the words of a text in one spelling, as everything that understands text reads them."""
    return words(normalise(text))


class Emergency:
    """The list, ready to be searched. A form may end in `*`: its last word is then only a beginning."""

    def __init__(self, rows: Iterable[tuple[str, str] | tuple[str, str, str]], prefixes: Iterable[Row] = ()) -> None:
        """`rows`: kind and form, or language, kind and form; `prefixes`: what is written together with the next word."""
        forms: dict[tuple[str, str], list[str]] = {}
        for row in rows:
            language, kind, form = row if len(row) == 3 else ("", *row)
            forms.setdefault((kind, language), []).append(form)
        self._count = sum(map(len, forms.values()))
        found = [Row(kind, language, tuple(found)) for (kind, language), found in forms.items()]
        # what a language writes together with a word belongs to every word of a list without languages
        languages = {language for _, language in forms}
        self._lexicon = Lexicon([*found, *(row for row in prefixes if row.language in languages)])

    def __len__(self) -> int:
        return self._count

    def kind(self, text: str) -> str | None:
        """Return the kind of danger named first in the text; None if there is none."""
        matches = self._lexicon.all_matches(normalised(text))
        return min(matches, key=lambda match: (match.start, match.end)).meaning if matches else None


def load_emergency(path: Path = LIST) -> Emergency:
    """Read one list (language TAB kind TAB form) or a folder of them, one file per language.

    Raises ValueError naming a line that cannot be used.
    """
    files = sorted(path.glob("*.tsv")) if path.is_dir() else [path]
    return Emergency((row for file in files for row in _rows(file)), read_prefixes(PREFIXES_FILE))


def _rows(path: Path) -> Iterator[tuple[str, str, str]]:
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        fields = [field.strip() for field in line.split("\t")]
        if fields[:3] == ["language", "kind", "form"]:
            continue
        if len(fields) < 3 or fields[1] not in KINDS or not normalised(fields[2]):
            raise ValueError(f"{path.name}, line {number}: must be language TAB {'|'.join(KINDS)} TAB form")
        yield fields[0], fields[1], fields[2]
