"""Response name + values → the sentence in the reader's language."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from bot.replies import bidi
from bot.replies.catalogues import Catalogue, open_catalogue
from bot.replies.kinds import ValueProblem, formatter
from bot.replies.languages import LOCALES, Language, load_languages
from bot.replies.specs import SIMPLE, Part, Spec, load_specs, parts

log = logging.getLogger(__name__)
NO_WORDS = "system.no_words"
LAST_RESORT = "Sorry, something is wrong here. Please write to the office or ask a person."


class RenderProblem(Exception):
    """A response that cannot be said: unknown name, missing value, or a value that does not fit."""


@lru_cache(maxsize=8192)
def _template(text: str, rtl: bool) -> tuple[Part, ...]:
    """Return a sentence cut at its gaps, with the Latin runs of a right-to-left one isolated."""
    cut = parts(text)
    return tuple((bidi.isolate_latin(literal) if rtl else literal, gap) for literal, gap in cut)


class Replies:
    """All responses in all languages. Reads its files once; rendering reads none.

    `strict` raises RenderProblem instead of answering `system.no_words` (for tests and checks).
    """

    def __init__(
        self,
        folder: Path = LOCALES,
        *,
        strict: bool = False,
        sites: Mapping[str, Any] | None = None,
        public_url: str = "",
    ) -> None:
        self.strict = strict
        # stands before an address of our own, so that it also works where it is read outside our pages
        self.public_url = public_url
        self.languages = load_languages(folder)
        self.specs = load_specs(folder)
        self._folder = folder
        self._sites = sites
        self._catalogues: dict[str, Catalogue] = {}

    def preload(self) -> None:
        """Open every catalogue now instead of at its first use."""
        for code in self.languages.translated:
            self._catalogue(code)

    def has(self, name: str) -> bool:
        """True if there is a response of this name."""
        return name in self.specs

    def render(self, response: str, values: Mapping[str, Any] | None, language: str, simple: bool = False) -> str:
        """Return the response in this language; `simple` takes the wording in easier words if there is one.

        A language without this sentence falls back to the English one. Never raises unless `strict`.
        """
        try:
            return self.entry(response, values or {}, language, simple)
        except Exception as problem:
            if self.strict:
                raise RenderProblem(f"{response}: {problem}") from problem
            # names of responses and values, never the values: they may be personal
            log.error("no words for %s in %s (%s; values %s)", response, language, problem, sorted(values or {}))
        try:
            return self.entry(NO_WORDS, {}, language)
        except Exception:
            return LAST_RESORT

    def entry(self, name: str, values: Mapping[str, Any], language: str, simple: bool = False) -> str:
        """Return the words of an entry; raises KeyError or ValueProblem if it cannot be said."""
        spec = self.specs.get(name)
        if spec is None:
            raise KeyError("unknown response")
        code = language if language in self.languages.offered else self.languages.source
        template = self._words(spec, values, code, simple)
        if template is None:
            code = self.languages.source
            template = self._source_words(spec, values, simple)
        return self._fill(spec, template, values, code)

    def _words(self, spec: Spec, values: Mapping[str, Any], code: str, simple: bool) -> str | None:
        if code == self.languages.source:
            return self._source_words(spec, values, simple)
        catalogue = self._catalogue(code)
        if simple and spec.simple is not None:
            found = catalogue.sentence(spec.name + SIMPLE, spec.simple)
            if found is not None:
                return found
        if spec.plural is not None and spec.count is not None:
            return catalogue.counted(spec.name, spec.text, spec.plural, int(values[spec.count]))
        return catalogue.sentence(spec.name, spec.text)

    def _source_words(self, spec: Spec, values: Mapping[str, Any], simple: bool) -> str:
        if simple and spec.simple is not None:
            return spec.simple
        if spec.plural is not None and spec.count is not None and int(values[spec.count]) != 1:
            return spec.plural
        return spec.text

    def _fill(self, spec: Spec, template: str, values: Mapping[str, Any], code: str) -> str:
        rtl = self.languages[code].rtl
        words: list[str] = []
        for literal, gap in _template(template, rtl):
            words.append(literal)
            if gap is not None:
                words.append(bidi.value(self._value(spec, gap, values, code), rtl))
        return "".join(words)

    def _value(self, spec: Spec, gap: str, values: Mapping[str, Any], code: str) -> str:
        kind = spec.kind(gap)
        if kind is None:
            raise ValueProblem(f"{{{gap}}} is not among the values")
        name = gap if gap in values or not gap.endswith("_de") else gap[:-3]
        given = values.get(name)
        if given is None:
            raise ValueProblem(f"value {name} is missing")
        try:
            return formatter(kind)(given, code, self)
        except ValueProblem:
            raise
        except Exception as problem:
            raise ValueProblem(f"value {name} is no {kind}: {type(problem).__name__}") from problem

    def language(self, code: str) -> Language:
        """Return what is known of a language; raises KeyError."""
        return self.languages[code]

    def site(self, site_id: str) -> Any:
        """Return an Integration Point; raises KeyError."""
        if self._sites is None:
            from office.sites import sites  # reads files, so not at import

            self._sites = sites()
        return self._sites[site_id]

    def _catalogue(self, code: str) -> Catalogue:
        found = self._catalogues.get(code)
        if found is None:
            found = self._catalogues[code] = open_catalogue(self.languages[code], self._folder)
        return found


@lru_cache(maxsize=1)
def default_replies() -> Replies:
    """Return the responses of this installation, read once."""
    return Replies()


def render(response: str, values: Mapping[str, Any] | None, language: str, simple: bool = False) -> str:
    """Return a response in a language (see Replies.render)."""
    return default_replies().render(response, values, language, simple)
