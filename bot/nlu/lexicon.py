"""A phrase lexicon: which meanings the words of a message carry, whatever the language.

Rows are `meaning TAB language TAB form|form|…`. In a form, `*` at the end of a word matches any ending, at the
beginning any beginning (German compounds: `*kurs`). Standard library only; nothing is read at import.
"""

from __future__ import annotations

import re
import sys
from array import array
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bot.nlu.normalise import normalise, words

ROOT = Path(__file__).resolve().parent.parent.parent
FOLDER = ROOT / "data" / "lexicon"
PREFIXES = "PREFIXES"  # the meaning of rows that hold what is written together with the next word
PREFIX_FILE = "prefixes.tsv"
CLDR_FILE = "cldr.tsv"  # among the entities: names from Unicode (bot/cldr.py)
# What is left of a word behind a prefix of one letter, and behind a longer one. Ethiopic letters are syllables.
LEAST_LEFT = (3, 2)
# Words of at least this length are found with one wrong, missing or extra letter, or two neighbours swapped; a form with `*`
# is compared with a beginning of the word.
FUZZY = 6
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
    """Return all rows of the .tsv files of a folder in the order of the file names, and the prefixes beside the folder."""
    rows = [row for path in sorted(folder.glob("*.tsv")) for row in read_rows(path)]
    return [*rows, *read_prefixes(folder.parent / PREFIX_FILE)]


def read_prefixes(path: Path) -> list[Row]:
    """Return the rows of the file of prefixes (language TAB prefix|prefix); none if there is no such file."""
    if not path.exists():
        return []
    lines = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines() if line and line[0] != "#"]
    return [Row(PREFIXES, language.strip(), tuple(filter(None, forms.strip().split("|")))) for language, forms in lines]


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


def alternatives(forms: Iterable[str]) -> str:
    """Return the forms as alternatives of a regular expression over normalised text, the longest first."""
    found = {normalise(form.replace("*", "")): form.endswith("*") for form in forms}
    parts = sorted(
        ((re.escape(text).replace(r"\ ", r"\s+"), open_) for text, open_ in found.items() if text), reverse=True
    )
    return "|".join(part + (r"\w*" if open_ else r"(?!\w)") for part, open_ in sorted(parts, key=lambda p: -len(p[0])))


# The number of a word pattern, and the languages in which the word fits it (None: in all).
_Fit = tuple[int, "frozenset[str] | None"]
# What a phrase means: the meanings that end at a node of the tree, each with the languages that say it so.
_Told = tuple[tuple[str, "frozenset[str]"], ...]
_WORD_BITS = 24  # a step of the tree is the number of its node and, in so many bits, that of a word pattern


class _Tree:
    """Word patterns in a row, and what they mean together. Whole numbers in arrays: a tenth of the memory of objects."""

    def __init__(self) -> None:
        self._build: dict[int, int] = {}
        self._ends: dict[int, int] = {}
        self._numbers: dict[_Told, int] = {(): 0}
        self._told: list[_Told] = [()]
        self._steps = array("q")
        self._children, self._from, self._told_at = array("i"), array("i"), array("i")

    def add(self, pattern: Iterable[int], meaning: str, language: str) -> None:
        """Let a row of word patterns mean something in a language."""
        node = 0
        for word in pattern:
            node = self._build.setdefault(node << _WORD_BITS | word, len(self._build) + 1)
        told = dict(self._told[self._ends.get(node, 0)])
        told[meaning] = told.get(meaning, frozenset()) | {language}
        self._ends[node] = self._number(tuple(told.items()))

    def _number(self, told: _Told) -> int:
        number = self._numbers.setdefault(told, len(self._numbers))
        if number == len(self._told):
            self._told.append(told)
        return number

    def freeze(self) -> None:
        """Put everything into arrays; nothing can be added behind."""
        nodes = len(self._build) + 1
        self._steps = array("q", sorted(self._build))
        self._children = array("i", (self._build[step] for step in self._steps))
        # where the steps of each node begin
        self._from = array("i", bytes(4 * (nodes + 1)))
        for step in self._steps:
            self._from[(step >> _WORD_BITS) + 1] += 1
        for node in range(nodes):
            self._from[node + 1] += self._from[node]
        self._told_at = array("i", (self._ends.get(node, 0) for node in range(nodes)))
        self._build, self._ends, self._numbers = {}, {}, {}

    def child(self, node: int, word: int) -> int:
        """Return the node behind a word; 0 if none is there."""
        first, last = self._from[node], self._from[node + 1]
        if first == last:
            return 0
        step = node << _WORD_BITS | word
        place = bisect_left(self._steps, step, first, last)
        return self._children[place] if place < last and self._steps[place] == step else 0

    def told(self, node: int) -> _Told:
        """Return what ends at a node."""
        return self._told[self._told_at[node]]


class Lexicon:
    """The compiled rows; `find` costs some microseconds a word and remembers words it has seen."""

    MEMORY = 20_000

    def __init__(self, rows: Iterable[Row], *, fuzzy: bool = False) -> None:
        self._exact: dict[str, int] = {}
        self._prefix: dict[str, int] = {}
        self._suffix: dict[str, int] = {}
        self._infix: dict[str, int] = {}
        self._patterns = 0
        self._tree = _Tree()
        self._seen: dict[str, tuple[_Fit, ...]] = {}
        # what is written together with the next word -> the languages that do so, by length
        self._before: dict[str, frozenset[str]] = {}
        known: dict[str, None] = {}
        for row in rows:
            if row.meaning == PREFIXES:
                self._add_prefixes(row)
                continue
            known.setdefault(row.meaning)
            for form in row.forms:
                for pattern in spellings(form):
                    self._tree.add(map(self._id, pattern), sys.intern(row.meaning), sys.intern(row.language))
        self._tree.freeze()
        self.meanings: list[str] = list(known)
        self._near = _Near(self._exact, self._prefix) if fuzzy else None

    def _add_prefixes(self, row: Row) -> None:
        for form in row.forms:
            for prefix in words(normalise(form)):
                self._before[prefix] = self._before.get(prefix, frozenset()) | {row.language}

    def _id(self, part: str) -> int:
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
        number = table.get(core)
        if number is None:
            number = table[core] = self._patterns
            self._patterns += 1
        return number

    def _variants(self, word: str) -> Iterator[tuple[str, frozenset[str] | None]]:
        """Yield the word, and the word without what its languages write together with it."""
        yield word, None
        for end in range(1, min(5, len(word) - 1)):
            languages = self._before.get(word[:end])
            if languages and len(word) - end >= LEAST_LEFT[0 if end == 1 and word[0] < "\u1200" else 1]:
                yield word[end:], languages

    def _ids_of(self, word: str) -> tuple[_Fit, ...]:
        """Return the numbers of all word patterns this word fits."""
        if word in self._seen:
            return self._seen[word]
        found: dict[int, frozenset[str] | None] = {}

        def add(number: int | None, languages: frozenset[str] | None) -> None:
            if number is None:
                return
            there = found.get(number, frozenset())
            found[number] = None if there is None or languages is None else there | languages

        for variant, languages in self._variants(word):
            add(self._exact.get(variant), languages)
            for end in range(1, len(variant) + 1):
                add(self._prefix.get(variant[:end]), languages)
        for start in range(len(word)):
            add(self._suffix.get(word[start:]), None)
        if self._infix:
            for start in range(len(word)):
                for end in range(start + 3, len(word) + 1):
                    add(self._infix.get(word[start:end]), None)
        if not found and self._near is not None:
            for number in self._near.find(word):
                add(number, None)
        if len(self._seen) >= self.MEMORY:
            self._seen.clear()
        self._seen[word] = tuple(found.items())
        return self._seen[word]

    def all_matches(self, tokens: list[str]) -> list[Match]:
        """Return every match in every language."""
        fits = [self._ids_of(token) for token in tokens]
        found: list[Match] = []
        for start in range(len(tokens)):
            level: list[tuple[int, frozenset[str] | None]] = [(0, None)]
            for end in range(start, len(tokens)):
                level = [
                    (child, _both(allowed, languages))
                    for node, allowed in level
                    for number, languages in fits[end]
                    if (child := self._tree.child(node, number))
                ]
                if not level:
                    break
                for node, allowed in level:
                    for meaning, languages in self._tree.told(node):
                        spoken = languages if allowed is None else languages & allowed
                        if spoken:
                            found.append(Match(meaning, start, end + 1, spoken))
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


def _both(one: frozenset[str] | None, other: frozenset[str] | None) -> frozenset[str] | None:
    if one is None or other is None:
        return other if one is None else one
    return one & other


class _Near:
    """Long word patterns within one edit of a word, found by what is left when one letter is dropped from each."""

    _OWNER_BITS = 22  # an entry is the hash of what is left and, in so many bits, the place of its pattern

    def __init__(self, exact: dict[str, int], prefix: dict[str, int]) -> None:
        tables = ((exact, False), (prefix, True))
        owners = [(c, n, begins) for table, begins in tables for c, n in table.items() if len(c) >= FUZZY]
        self._cores = [core for core, _, _ in owners]
        self._numbers = array("i", (number for _, number, _ in owners))
        self._begins = bytes(begins for _, _, begins in owners)
        self._left = array(
            "q", sorted(self._key(rest) | place for place, core in enumerate(self._cores) for rest in _dropped(core))
        )

    @classmethod
    def _key(cls, rest: str) -> int:
        # two different rests of one hash do no harm: what is found is compared letter by letter
        return (hash(rest) & ((1 << (62 - cls._OWNER_BITS)) - 1)) << cls._OWNER_BITS

    def _owners(self, rest: str) -> Iterator[int]:
        key = self._key(rest)
        place = bisect_left(self._left, key)
        while place < len(self._left) and (entry := self._left[place]) >> self._OWNER_BITS == key >> self._OWNER_BITS:
            yield entry & ((1 << self._OWNER_BITS) - 1)
            place += 1

    def find(self, word: str) -> set[int]:
        """Return the numbers of the patterns that a misspelt word most likely means."""
        if len(word) < FUZZY:
            return set()
        found: set[int] = set()
        for rest in _dropped(word):
            for owner in self._owners(rest):
                if not self._begins[owner] and _one_edit(self._cores[owner], word):
                    found.add(self._numbers[owner])
        for size in range(FUZZY, len(word)):
            begin = word[:size]
            for rest in _dropped(begin):
                for owner in self._owners(rest):
                    core = self._cores[owner]
                    if self._begins[owner] and len(core) == size and _one_edit(core, begin):
                        found.add(self._numbers[owner])
        return found


def _dropped(word: str) -> set[str]:
    return {word, *(word[:i] + word[i + 1 :] for i in range(len(word)))}


def _one_edit(one: str, other: str) -> bool:
    """Return whether two words differ by one letter changed, missing or extra, or by two neighbours swapped."""
    if abs(len(one) - len(other)) > 1:
        return False
    start = 0
    while start < min(len(one), len(other)) and one[start] == other[start]:
        start += 1
    one, other = one[start:], other[start:]
    if len(one) == len(other):
        return one[1:] == other[1:] or (one[:2] == other[1::-1] and one[2:] == other[2:])
    return one[1:] == other or other[1:] == one


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
