"""What comes in from a channel: cleaned, checked, and refused early with a sentence to say."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

MAX_CHARACTERS = 2_000  # about a page; a longer text is a document, which a person should read
MAX_PAYLOAD = 1_000
MAX_KEY = 100
UNSEEN = ("Cc", "Cs", "Cf", "Zs", "Zl", "Zp", "Mn", "Me")
PAYLOAD = re.compile(r"/([A-Za-z_][A-Za-z0-9_]*)\s*(\{.*\})?", re.DOTALL)


class Refused(Exception):
    """Input that is not taken. `code` names the sentence `error.<code>`; `values` go into it."""

    def __init__(self, code: str, status: int, **values: Any) -> None:
        super().__init__(code)
        self.code = code
        self.status = status
        self.values = values


@dataclass(frozen=True)
class Incoming:
    """One message from a channel: either `text` as typed or the `payload` of a button.

    `conversation` or `channel_ref` (the channel's own name for the person) tells whose it is; both None:
    someone new. `language` and `site` are explicit choices; `hint` is a language to begin with (the
    browser's).
    `now` None: the present. `key` makes a repeated delivery harmless.
    """

    channel: str
    conversation: str | None = None
    channel_ref: str | None = None
    text: str | None = None
    payload: str | None = None
    language: str | None = None
    hint: str | None = None
    site: str | None = None
    now: datetime | None = None
    key: str | None = None


@dataclass(frozen=True)
class Domain:
    """The intents and entities Rasa knows; a payload may name nothing else."""

    intents: frozenset[str] = field(default_factory=frozenset)
    entities: frozenset[str] = field(default_factory=frozenset)


def load_domain(path: Path) -> Domain:
    """Read the names of domain.yml."""
    data = yaml.load(path.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506
    return Domain(intents=frozenset(_names(data.get("intents"))), entities=frozenset(_names(data.get("entities"))))


def _names(items: Any) -> list[str]:
    return [next(iter(item)) if isinstance(item, Mapping) else str(item) for item in items or ()]


def clean(text: str) -> str:
    """Return typed text without control characters, lone surrogates and space around it; line breaks stay."""
    kept = (
        char if char in "\n\t" or unicodedata.category(char) not in ("Cc", "Cs") else " "
        for char in text.replace("\r\n", "\n")
    )
    return "".join(kept).strip()


def readable(text: str) -> bool:
    """True if something of the text can be seen (marks of direction and joiners alone cannot)."""
    return any(unicodedata.category(char) not in UNSEEN for char in text)


def checked_text(text: str) -> str:
    """Return the text as it is kept; raises Refused if it is empty or too long."""
    if len(text) > MAX_CHARACTERS:
        raise Refused("text_too_long", 422, n=MAX_CHARACTERS)
    cleaned = clean(text)
    if not readable(cleaned):
        raise Refused("empty", 422)
    return cleaned


def for_rasa(text: str) -> str:
    """Return typed text as Rasa may see it: never something that Rasa would take for a payload."""
    return text.lstrip("/ \n\t") or "?"


def checked_payload(payload: str, domain: Domain) -> str:
    """Return a button's payload in its one form; raises Refused unless intent and entities are known."""
    match = PAYLOAD.fullmatch(payload.strip()) if len(payload) <= MAX_PAYLOAD else None
    if match is None or match[1] not in domain.intents:
        raise Refused("unknown_payload", 422)
    if match[2] is None:
        return f"/{match[1]}"
    try:
        entities = json.loads(match[2])
    except ValueError:
        raise Refused("unknown_payload", 422) from None
    if not all(name in domain.entities and _short(value) for name, value in entities.items()):
        raise Refused("unknown_payload", 422)
    return f"/{match[1]}{json.dumps(entities, ensure_ascii=False)}" if entities else f"/{match[1]}"


def _short(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= 200 and clean(value) == value
