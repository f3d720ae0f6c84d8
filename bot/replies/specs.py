"""The English source sentences in `locales/responses/*.yml`, read and checked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from string import Formatter
from typing import Any

import yaml

from bot.replies.kinds import kind_problem
from bot.replies.languages import LOCALES

Part = tuple[str, str | None]  # literal text, then the name of the gap after it (None: no gap)

NAME = re.compile(r"[a-z][a-z0-9_]*(\.[A-Za-z0-9_+-]+)+")
FIELDS = {"comment", "text", "plural", "count", "values", "simple"}
SIMPLE = "#simple"  # msgctxt of the wording in easier words is the name with this behind it


class SpecError(Exception):
    """Faults in the response files; the text lists each with file, entry and field."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


@dataclass(frozen=True)
class Spec:
    """One response: what it says in English and which values it needs."""

    name: str
    text: str
    comment: str = ""
    plural: str | None = None
    count: str | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    simple: str | None = None
    file: str = ""
    line: int = 0

    def kind(self, gap: str) -> str | None:
        """Return the kind of a gap; `day_de` without its own kind is `day` in German; None: undeclared."""
        declared = self.values.get(gap)
        if declared is None and gap.endswith("_de") and gap[:-3] in self.values:
            return f"{self.values[gap[:-3]]}_de"
        return declared

    def entries(self) -> Iterator[tuple[str, str, str | None]]:
        """Yield (msgctxt, msgid, msgid_plural or None): what translators see."""
        yield self.name, self.text, self.plural
        if self.simple is not None:
            yield self.name + SIMPLE, self.simple, None


def parts(template: str) -> list[Part]:
    """Split a sentence at its gaps; raises ValueError for anything but plain {names}."""
    found: list[Part] = []
    for literal, gap, form, conversion in Formatter().parse(template):
        if gap is not None and (form or conversion or not gap.isidentifier()):
            raise ValueError(f"{{{gap}}} is not a plain name")
        found.append((literal, gap))
    return found


def gaps(template: str) -> set[str]:
    """Return the names of the gaps of a sentence."""
    return {gap for _, gap in parts(template) if gap is not None}


class _LineLoader(yaml.SafeLoader):
    """YAML that remembers the line of each entry and refuses one written twice."""


def _mapping(loader: _LineLoader, node: yaml.MappingNode) -> dict[Any, Any]:
    found: dict[Any, Any] = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        if key in found:
            raise yaml.constructor.ConstructorError(None, None, f"{key!r} is written twice", key_node.start_mark)
        found[key] = loader.construct_object(value_node, deep=True)
    return found


_LineLoader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


def _lines(text: str) -> dict[str, int]:
    """Return the line each top-level entry starts on."""
    found = {}
    for number, line in enumerate(text.splitlines(), 1):
        match = re.match(r"[\"']?([^\s#\"':][^\"':]*)[\"']?\s*:", line)
        if match:
            found[match[1]] = number
    return found


def load_specs(folder: Path = LOCALES) -> dict[str, Spec]:
    """Return all responses by name; raises SpecError with every fault found."""
    specs: dict[str, Spec] = {}
    faults: list[str] = []
    for path in sorted((folder / "responses").glob("*.yml")):
        for spec in load_file(path, faults):
            if spec.name in specs:
                faults.append(f"{path.name}, {spec.name}: already in {specs[spec.name].file}")
            specs[spec.name] = spec
    if faults:
        raise SpecError(faults)
    return specs


def load_file(path: Path, faults: list[str]) -> list[Spec]:
    """Return the responses of one file, adding to `faults` what is wrong with it."""
    text = path.read_text(encoding="utf-8")
    try:
        data = yaml.load(text, Loader=_LineLoader) or {}  # noqa: S506 (a SafeLoader that refuses doubles)
    except yaml.YAMLError as problem:
        faults.append(f"{path.name}: {' '.join(str(problem).split())}")
        return []
    lines = _lines(text)
    found = []
    for name, entry in data.items():
        wrong = list(entry_faults(name, entry))
        faults.extend(f"{path.name}, {name}: {fault}" for fault in wrong)
        if not wrong:
            found.append(Spec(name=name, file=path.name, line=lines.get(name, 0), **_tidy(entry)))
    return found


def _tidy(entry: dict[str, Any]) -> dict[str, Any]:
    """Sentences without the line break that a YAML block leaves at the end."""
    return {key: value.strip() if isinstance(value, str) else value for key, value in entry.items()}


def entry_faults(name: Any, entry: Any) -> Iterator[str]:
    """Yield what is wrong with one entry, each as 'field: what to do'."""
    if not isinstance(name, str) or not NAME.fullmatch(name):
        yield "the name must look like topic.what_it_says"
        return
    if not isinstance(entry, dict):
        yield "must have at least `text:`"
        return
    for unknown in sorted(map(str, set(entry) - FIELDS)):
        yield f"{unknown}: unknown field (allowed: {', '.join(sorted(FIELDS))})"
    yield from _sentence_faults(entry)
    if bool(entry.get("plural")) != bool(entry.get("count")):
        yield "plural: needs `count:` (the value that is counted), and the other way round"
    values = entry.get("values") or {}
    if not isinstance(values, dict):
        yield "values: must map names to kinds"
        return
    for gap, kind in values.items():
        if problem := kind_problem(kind):
            yield f"values.{gap}: {problem}"
    if entry.get("count") and entry["count"] not in values:
        yield f"count: {entry['count']!r} is not among the values"
    spec = Spec(name=name, text="", values=values)
    for key in ("text", "plural", "simple"):
        for gap in sorted(_safe_gaps(entry.get(key))):
            if spec.kind(gap) is None:
                yield f"{key}: {{{gap}}} is not among the values"


def _sentence_faults(entry: dict[str, Any]) -> Iterator[str]:
    if "text" not in entry:
        yield "text: is missing"
    for key in ("text", "plural", "simple", "comment", "count"):
        value = entry.get(key)
        if key in entry and (not isinstance(value, str) or not value.strip()):
            yield f"{key}: must be a text that is not empty (quote yes, no, on, numbers and times)"
        elif key not in ("comment", "count") and isinstance(value, str):
            try:
                parts(value)
            except ValueError as problem:
                yield f"{key}: {problem}"


def _safe_gaps(text: Any) -> set[str]:
    try:
        return gaps(text) if isinstance(text, str) else set()
    except ValueError:
        return set()
