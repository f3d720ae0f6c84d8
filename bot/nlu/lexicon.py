"""A phrase lexicon: which meanings the words of a message carry, whatever the language.

Rows are `meaning TAB language TAB form|form|…`. In a form, `*` at the end of a word matches any ending, at the
beginning any beginning (German compounds: `*kurs`). Standard library only; nothing is read at import.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from bot.nlu.normalise import normalise, words

ROOT = Path(__file__).resolve().parent.parent.parent
FOLDER = ROOT / "data" / "lexicon"
ARABIC = re.compile("[\u0600-\u06ff]")
# Conjunctions, prepositions and the article that Arabic writes together with the next word, longest first.
CLITICS = (
    "وبال",
    "وعال",
    "والل",
    "ولل",
    "وال",
    "فال",
    "بال",
    "كال",
    "عال",
    "هال",
    "شال",
    "ول",
    "وب",
    "وع",
    "لل",
    "ال",
    "و",
    "ف",
    "ب",
    "ل",
    "ك",
    "ه",
    "ع",
    "ح",
)
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "ae", "Ö": "oe", "Ü": "ue"})
_FORM_WORD = re.compile(r"\*?(?:§|[^\W_]+)\*?")


class LexiconError(ValueError):
    """A lexicon file that cannot be read as meant; the message names file and line."""


@dataclass(frozen=True)
class Row:
    """One line of a lexicon: the forms of one meaning in one language."""

    meaning: str
    language: str
    forms: tuple[str, ...]


@dataclass(frozen=True)
class Match:
    """A meaning found at words [start, end) of a message."""

    meaning: str
    start: int
    end: int
    languages: frozenset[str]


def read_rows(path: Path) -> Iterator[Row]:
    """Yield the rows of a lexicon file; raise LexiconError for a line that has not three columns."""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        columns = line.split("\t")
        if len(columns) != 3:
            raise LexiconError(f"{path.name}, line {number}: expected 3 columns, found {len(columns)}.")
        meaning, language, forms = (column.strip() for column in columns)
        if (meaning, language) == ("concept", "lang"):
            continue
        yield Row(meaning, language, tuple(form.strip() for form in forms.split("|") if form.strip()))


def read_folder(folder: Path) -> list[Row]:
    """Return all rows of the .tsv files of a folder, in the order of the file names."""
    return [row for path in sorted(folder.glob("*.tsv")) for row in read_rows(path)]


def spellings(form: str) -> set[tuple[str, ...]]:
    """Return the word patterns a form stands for: with umlauts written ä and ae; `*` kept."""
    found = set()
    for variant in (form, form.translate(_UMLAUTS)):
        text = normalise(variant)
        text = re.sub(r"(?<=\w)'(?=\w)", "", text)
        pattern = tuple(_FORM_WORD.findall(text))
        if pattern:
            found.add(pattern)
    return found


def arabic_stems(word: str) -> list[str]:
    """Return the word without the clitics written together with it; the word itself first."""
    stems = [word]
    for clitic in CLITICS:
        if word.startswith(clitic) and len(word) - len(clitic) >= (2 if len(clitic) > 1 else 3):
            stems.append(word[len(clitic) :])
    return stems


@dataclass
class _Node:
    next: dict[int, _Node] = field(default_factory=dict)
    meanings: dict[str, set[str]] = field(default_factory=dict)


class Lexicon:
    """The compiled rows; `find` costs some microseconds a word and remembers words it has seen."""

    MEMORY = 50_000

    def __init__(self, rows: Iterable[Row]) -> None:
        self._ids: dict[str, int] = {}
        self._exact: dict[str, int] = {}
        self._prefix: dict[str, int] = {}
        self._suffix: dict[str, int] = {}
        self._infix: dict[str, int] = {}
        self._root = _Node()
        self._seen: dict[str, tuple[int, ...]] = {}
        self._languages: dict[int, frozenset[str]] = {}
        self.meanings: list[str] = []
        known: dict[str, None] = {}
        for row in rows:
            known.setdefault(row.meaning)
            for form in row.forms:
                for pattern in spellings(form):
                    self._add(pattern, row)
        self.meanings = list(known)

    def _add(self, pattern: tuple[str, ...], row: Row) -> None:
        node = self._root
        for part in pattern:
            node = node.next.setdefault(self._id(part), _Node())
        node.meanings.setdefault(row.meaning, set()).add(row.language)

    def _id(self, part: str) -> int:
        if part not in self._ids:
            number = self._ids[part] = len(self._ids)
            core = part.strip("*")
            table = (
                self._infix
                if part.startswith("*") and part.endswith("*")
                else self._suffix
                if part.startswith("*")
                else self._prefix
                if part.endswith("*")
                else self._exact
            )
            table[core] = number
        return self._ids[part]

    def _ids_of(self, word: str) -> tuple[int, ...]:
        """Return the numbers of all word patterns this word fits."""
        if word in self._seen:
            return self._seen[word]
        found: dict[int, None] = {}
        variants = arabic_stems(word) if ARABIC.search(word) else [word]
        for variant in variants:
            if variant in self._exact:
                found.setdefault(self._exact[variant])
            for end in range(1, len(variant) + 1):
                number = self._prefix.get(variant[:end])
                if number is not None:
                    found.setdefault(number)
        for start in range(len(word)):
            number = self._suffix.get(word[start:])
            if number is not None:
                found.setdefault(number)
        if self._infix:
            for start in range(len(word)):
                for end in range(start + 3, len(word) + 1):
                    number = self._infix.get(word[start:end])
                    if number is not None:
                        found.setdefault(number)
        if len(self._seen) >= self.MEMORY:
            self._seen.clear()
        self._seen[word] = tuple(found)
        return self._seen[word]

    def all_matches(self, tokens: list[str]) -> list[Match]:
        """Return every match in every language."""
        ids = [self._ids_of(token) for token in tokens]
        found: list[Match] = []
        for start in range(len(tokens)):
            level = [self._root]
            for end in range(start, len(tokens)):
                level = [node.next[i] for node in level for i in ids[end] if i in node.next]
                if not level:
                    break
                for node in level:
                    found.extend(
                        Match(meaning, start, end + 1, frozenset(languages))
                        for meaning, languages in node.meanings.items()
                    )
        return found

    def find(self, tokens: list[str]) -> list[Match]:
        """Return the matches, read in the language most words speak for.

        'die' is an article in German and a danger in English, 'not' a negation here and an emergency there: where a
        word has a meaning in the message's main language, its meanings in others are dropped; where it has none
        (an official German word inside an English sentence), they stay.
        """
        matches = self.all_matches(tokens)
        main = main_language(matches)
        if main is None:
            return matches
        home = {i for match in matches if main in match.languages for i in range(match.start, match.end)}
        return [
            match
            for match in matches
            if main in match.languages or not home.intersection(range(match.start, match.end))
        ]


def main_language(matches: list[Match]) -> str | None:
    """Return the language in which most words have a meaning; None without any match."""
    speakers: dict[int, dict[str, int]] = defaultdict(dict)
    for match in matches:
        for position in range(match.start, match.end):
            for language in match.languages:
                length = match.end - match.start
                speakers[position][language] = max(length, speakers[position].get(language, 0))
    votes: Counter[str] = Counter()
    for languages in speakers.values():
        for language, length in languages.items():
            # A word that only one language knows tells more than one that many share.
            votes[language] += (1.0 + 0.25 * (length - 1)) / len(languages) ** 0.5  # type: ignore[assignment]
    if not votes:
        return None
    return max(sorted(votes), key=lambda language: votes[language])


def tokens_of(text: str) -> list[str]:
    """Return the normalised words of a message as the lexicon expects them."""
    return words(normalise(text))
