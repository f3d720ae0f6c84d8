"""The languages of `locales/languages.yml`: name, direction, CLDR locale, plural header, state."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from gettext import c2py
from pathlib import Path

import yaml
from babel import Locale

LOCALES = Path(__file__).resolve().parent.parent.parent / "locales"
STATES = ("source", "reviewed", "draft", "begun", "planned")
HEADER = re.compile(r"nplurals=(\d+); plural=(.+);")


@dataclass(frozen=True)
class Language:
    """One language; `code` is what conversations, catalogues and payloads call it."""

    code: str
    name: str
    direction: str
    formats: str
    plural: str
    state: str
    full_date: str = "full"
    """CLDR's form for a day with its weekday, or a pattern of our own where CLDR's reads badly."""
    last_two: str = ""
    """How the last two of a list are joined, where CLDR has no word for it."""

    @property
    def rtl(self) -> bool:
        """True if it is written from right to left."""
        return self.direction == "rtl"

    @property
    def offered(self) -> bool:
        """True if people can choose it."""
        return self.state != "planned"

    @cached_property
    def locale(self) -> Locale:
        """CLDR data for dates, numbers and lists."""
        return Locale.parse(self.formats)

    def listed(self, items: Sequence[str]) -> str:
        """Return the items as one list: 'a, b and c'."""
        pattern = self._list_patterns
        if len(items) <= 2:
            return pattern["2"].format(*items) if len(items) == 2 else "".join(items)
        found = items[0]
        for place, item in enumerate(items[1:], 2):
            name = "end" if place == len(items) else "start" if place == 2 else "middle"
            found = pattern[name].format(found, item)
        return found

    @cached_property
    def _list_patterns(self) -> Mapping[str, str]:
        given = dict(self.locale.list_patterns["standard"])
        if self.last_two:
            given |= dict.fromkeys(("2", "end"), self.last_two)
        # Babel's Sorani has the Latin comma
        return {name: text.replace(", ", "، ") if self.rtl else text for name, text in given.items()}

    @cached_property
    def plural_forms(self) -> int:
        """How many forms a counted sentence has."""
        return int(self._header[1])

    @cached_property
    def plural_form(self) -> Callable[[int], int]:
        """The function from a count to the number of its form."""
        return c2py(self._header[2])

    @cached_property
    def _header(self) -> re.Match[str]:
        match = HEADER.fullmatch(self.plural)
        if match is None:
            raise ValueError(f"languages.yml, {self.code}: plural is not a plural header: {self.plural}")
        return match


@dataclass(frozen=True)
class Languages:
    """All languages and which of them the sentences are written in."""

    source: str
    all: Mapping[str, Language]

    def __getitem__(self, code: str) -> Language:
        return self.all[code]

    def __contains__(self, code: object) -> bool:
        return code in self.all

    @cached_property
    def offered(self) -> tuple[str, ...]:
        """Codes people can choose, in the order of the file."""
        return tuple(code for code, language in self.all.items() if language.offered)

    @property
    def translated(self) -> tuple[str, ...]:
        """Codes that need a catalogue: offered, and not the source language."""
        return tuple(code for code in self.offered if code != self.source)


def load_languages(folder: Path = LOCALES) -> Languages:
    """Read languages.yml; raises ValueError naming the language and field that is wrong."""
    data = yaml.safe_load((folder / "languages.yml").read_text(encoding="utf-8"))
    found: dict[str, Language] = {}
    for code, fields in data["languages"].items():
        try:
            language = Language(code=code, **fields)
        except TypeError as problem:
            raise ValueError(f"languages.yml, {code}: {problem}") from None
        if language.direction not in ("ltr", "rtl"):
            raise ValueError(f"languages.yml, {code}: direction must be ltr or rtl, not {language.direction!r}")
        if language.state not in STATES:
            raise ValueError(f"languages.yml, {code}: state must be one of {', '.join(STATES)}")
        _ = language.plural_form  # refuse a broken header now, not at the first counted sentence
        found[code] = language
    if data.get("source") not in found:
        raise ValueError("languages.yml: source must be one of its languages")
    return Languages(source=data["source"], all=found)
