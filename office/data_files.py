"""Reading data files that clerks write, with faults that name file, field and what may stand there."""

import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from office.errors import SiteDataError

UNKNOWN = "unknown"
EMAIL = re.compile(r"^[^\s@<>]+@[^\s@<>]+\.[A-Za-z]{2,}$")
CODE = re.compile(r"^[a-z][a-z0-9_]*$")
COUNTRY = re.compile(r"^[A-Z]{2}$")


class StringLoader(yaml.BaseLoader):
    """Everything stays as typed: 10:30 is no number, `no` no truth value, 2016-02-30 no crash."""


def _mapping(loader: StringLoader, node: yaml.MappingNode) -> dict[str, Any]:
    pairs: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key = str(loader.construct_object(key_node, deep=True))
        if key in pairs:
            raise yaml.constructor.ConstructorError(None, None, f"{key!r} stands here twice", key_node.start_mark)
        pairs[key] = loader.construct_object(value_node, deep=True)
    return pairs


StringLoader.add_constructor("tag:yaml.org,2002:map", _mapping)


class Faults:
    """Collects faults while reading on, so that a clerk sees all of them at once."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.list: list[str] = []

    def add(self, place: str, sentence: str) -> None:
        self.list.append(f"{self.file}: {place}: {sentence}")

    def told(self, place: str) -> bool:
        """Return whether something was said about this place already."""
        return any(fault.startswith(f"{self.file}: {place}: ") for fault in self.list)


def load_yaml(path: Path, file: str, keys: tuple[str, ...], faults: Faults) -> dict[str, Any]:
    """Return the entries of a file, those that are missing as 'unknown'; raises SiteDataError if it cannot be read."""
    try:
        # StringLoader is yaml's BaseLoader: it makes strings, lists and dictionaries, nothing else.
        raw = yaml.load(path.read_text(encoding="utf-8"), Loader=StringLoader)  # noqa: S506
    except UnicodeDecodeError as error:
        raise SiteDataError([f"{file}: save the file as UTF-8; byte {error.start + 1} is not."]) from None
    except FileNotFoundError:
        raise SiteDataError(
            [f"{file}: is missing; copy it from another site and write '{UNKNOWN}' where you do not know."]
        ) from None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise SiteDataError([f"{file}: line {line}: {error.problem}."]) from None
    if not isinstance(raw, dict):
        raise SiteDataError([f"{file}: the file must hold entries like '{keys[0]}: …'."])
    for key in raw:
        if key not in keys:
            faults.add(key, f"there is no such entry; there are: {', '.join(keys)}.")
    for key in keys:
        if key not in raw:
            faults.add(key, f"is missing; write '{key}: {UNKNOWN}' if it is not known.")
            raw[key] = UNKNOWN
    return raw


def needed(raw: Mapping[str, Any], key: str, faults: Faults) -> str:
    """Return one line of text that must be there."""
    value = optional(raw, key, faults)
    if value is None:
        if not faults.told(key):
            faults.add(key, "must be known.")
        return ""
    return value


def optional(raw: Mapping[str, Any], key: str, faults: Faults) -> str | None:
    """Return one line of text; None where the file says 'unknown'."""
    value = raw[key]
    if value == UNKNOWN:
        return None
    if not isinstance(value, str) or not value.strip():
        faults.add(key, f"must be one line of text, or '{UNKNOWN}'.")
        return None
    return value.strip()


def list_of(
    place: str, raw: Any, faults: Faults, pattern: re.Pattern[str] | None = None, what: str = "text"
) -> tuple[str, ...] | None:
    """Return the entries; None where the file says 'unknown' (an empty list: known that there are none)."""
    if raw == UNKNOWN:
        return None
    if not isinstance(raw, list) or not all(isinstance(item, str) for item in raw):
        faults.add(place, f"must be a list, or '{UNKNOWN}'.")
        return None
    for item in raw:
        if pattern and not pattern.match(item):
            faults.add(place, f"{item!r} is not {what}.")
    return tuple(raw)


def codes(place: str, raw: Any, allowed: tuple[str, ...], faults: Faults) -> tuple[str, ...] | None:
    """Return a list of codes that all have words; None where the file says 'unknown'."""
    found = list_of(place, raw, faults)
    for item in found or ():
        if item not in allowed:
            faults.add(place, f"{item!r} is not one of {', '.join(allowed)}.")
    return found


def code(place: str, raw: Any, allowed: tuple[str, ...], faults: Faults) -> str | None:
    """Return one code; None where the file says 'unknown'."""
    if raw == UNKNOWN:
        return None
    if raw not in allowed:
        faults.add(place, f"{raw!r} is not one of {', '.join(allowed)}, and not '{UNKNOWN}'.")
        return None
    return str(raw)


def section(place: str, raw: Any, keys: str, faults: Faults) -> dict[str, Any] | None:
    """Return a block whose keys are all there and no others; None if it is unknown or not a block."""
    if raw == UNKNOWN:
        return None
    wanted = keys.split()
    if not isinstance(raw, dict):
        faults.add(place, f"must have the entries {', '.join(wanted)}, or be '{UNKNOWN}'.")
        return None
    wrong = [key for key in raw if key not in wanted]
    missing = [key for key in wanted if key not in raw]
    for key in wrong:
        faults.add(f"{place}: {key}", f"there is no such entry; there are: {', '.join(wanted)}.")
    for key in missing:
        faults.add(f"{place}: {key}", "is missing.")
    return None if wrong or missing else raw


def number(place: str, raw: Any, low: int, high: int, faults: Faults) -> int:
    """Return a whole number within bounds."""
    if isinstance(raw, str) and raw.isdecimal() and low <= int(raw) <= high:
        return int(raw)
    faults.add(place, f"{raw!r} is not a whole number from {low} to {high}.")
    return low


def day(place: str, raw: Any, faults: Faults) -> date | None:
    """Return a day; None where the file says 'unknown'."""
    if raw == UNKNOWN:
        return None
    try:
        return date.fromisoformat(str(raw))
    except ValueError:
        faults.add(place, f"{raw!r} is not a day that exists; write it like 2027-12-24.")
        return None


def known_day(place: str, raw: Any, faults: Faults) -> date:
    """Return a day that must be there."""
    found = day(place, raw, faults)
    if found is None and not faults.told(place):
        faults.add(place, "must be known: say on which day the data were true.")
    return found or date.min
