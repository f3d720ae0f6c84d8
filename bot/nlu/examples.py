"""Messages with what they want: training data in Rasa's format, and held-out messages as a table."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import yaml

HEADERS = (["text", "intent", "lang"], ["text", "intent", "lang", "entities"])


class DataError(ValueError):
    """A file of messages that cannot be read as meant; the message names file and line."""


@dataclass(frozen=True)
class Example:
    """A message, what it wants, and the facts it tells (None: nobody wrote them down)."""

    text: str
    intent: str
    language: str
    facts: frozenset[tuple[str, str]] | None = None


def read_training(folder: Path) -> list[Example]:
    """Return the examples of `<folder>/<language>/*.yml` in Rasa's format."""
    found = []
    for path in sorted(folder.glob("*/*.yml")):
        data = yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)  # noqa: S506 (a safe loader)
        for block in data.get("nlu") or []:
            for line in (block.get("examples") or "").splitlines():
                text = line.strip().removeprefix("-").strip()
                if text and "intent" in block:
                    found.append(Example(text, block["intent"], path.parent.name))
    return found


# the same safe loader, written in C, where the library has it
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_heldout(path: Path) -> list[Example]:
    """Return the messages of a file with the columns text, intent, language and, if known, facts (`duration=5; day=monday`).

    An empty fourth column says that the message tells no fact; without that column nobody looked. Raises DataError for another
    line.
    """
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        columns = [column.strip() for column in line.split("\t")]
        if columns in HEADERS:
            continue
        if len(columns) not in (3, 4) or not all(columns[:3]):
            raise DataError(f"{path.name}, line {number}: expected text, intent and language, each after a tab.")
        facts = _facts(columns[3], f"{path.name}, line {number}") if len(columns) == 4 else None
        found.append(Example(columns[0], columns[1], columns[2], facts))
    return found


def _facts(column: str, where: str) -> frozenset[tuple[str, str]]:
    pairs = [part.strip() for part in column.split(";") if part.strip() not in ("", "-")]
    if not all("=" in pair for pair in pairs):
        raise DataError(f"{where}: facts are written entity=value; entity=value.")
    return frozenset((name.strip(), value.strip()) for name, _, value in (pair.partition("=") for pair in pairs))
