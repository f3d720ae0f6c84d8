"""The one door to the outside of a turn: day, language, site, conversation, what was said, and the store."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from rasa_sdk import Tracker

from actions.memory import Memory
from office.store import Store, default_url

BERLIN = ZoneInfo("Europe/Berlin")
# A person does not name more than this of one kind in a message; more is noise.
MOST_VALUES_OF_ONE_ENTITY = 5
NOT_UNDERSTOOD = "nlu_fallback"
DANGEROUS = "emergency"
# The entity that carries hints, and the hint of a button whose facts were read from free words.
HINT, FREE = "hint", "free"
LEAST_CHANCE, MOST_LIKELY, NEARLY_ALL = 0.05, 3, 0.9


def choice(label: str, intent: str, values: Mapping[str, Any] | None = None, **entities: str) -> dict[str, Any]:
    """Build a button: the name of its label, the label's values, and what pressing it says."""
    said = json.dumps(entities, ensure_ascii=False) if entities else ""
    return {"label": label, "values": dict(values or {}), "payload": f"/{intent}{said}"}


@dataclass
class Turn:
    """One message of a person and everything the answer may depend on."""

    now: datetime
    language: str
    site: str | None
    """The conversation's site; None = not chosen yet."""
    conversation: str
    intent: str
    text: str
    entities: dict[str, list[str]]
    memory: Memory
    understood: bool = True
    resumed: bool = False
    """Whether this message took up questions that were laid aside, so it need not answer them itself."""
    said: list[dict[str, Any]] = field(default_factory=list)
    previous: list[dict[str, Any]] = field(default_factory=list)
    """The messages of the answer before this one, as they were sent."""
    previous_intent: str = ""
    """What was understood of the message before this one; empty if there was none."""
    before: tuple[str, ...] | None = None
    """The responses that stand right before this message on the person's screen; None: nobody said (rasa shell)."""
    languages: tuple[str, ...] = ("de",)
    """All languages that this installation offers, in the order of their buttons."""
    hints: frozenset[str] = frozenset()
    """How the facts of a free message are meant (bot/nlu/entity_extractor.py): `since`, `kin`, `own:SY`, `denied:duldung`, …"""
    danger: float = 0.0
    """How likely the message tells of danger, in [0, 1], though something else was understood."""
    likely: list[str] = field(default_factory=list)
    """What the message may mean where it was understood only in part: intents, the likeliest first."""

    @property
    def free(self) -> bool:
        """Whether the facts of this message were read from free words: typed, or carried on by a button that asked what was meant."""
        return not self.text.startswith("/") or FREE in self.hints

    @property
    def answers_the_last_word(self) -> bool:
        """Whether the open question is what the person read last; what was said since (danger, thanks) is what a 'yes' means otherwise."""
        return self.before is None or self.memory.asked_by is None or self.memory.asked_by in self.before

    @property
    def today(self) -> date:
        """The day of this turn in Berlin."""
        return self.now.date()

    def entity(self, name: str) -> str | None:
        """Return the first value heard for `name`; None if it was not said."""
        values = self.entities.get(name)
        return values[0] if values else None

    def say(
        self,
        response: str,
        values: Mapping[str, Any] | None = None,
        choices: list[dict[str, Any]] | None = None,
        effects: Mapping[str, Any] | None = None,
    ) -> None:
        """Add one message to the answer."""
        message: dict[str, Any] = {"response": response}
        for key, value in (("values", values), ("choices", choices), ("effects", effects)):
            if value:
                message[key] = dict(value) if isinstance(value, Mapping) else value
        self.said.append(message)

    def offer(self, *choices: dict[str, Any]) -> None:
        """Add buttons to the last message of the answer, each only once."""
        if not self.said:
            return
        there = self.said[-1].setdefault("choices", [])
        there.extend(c for c in choices if c["payload"] not in {x["payload"] for x in there})

    def ask(
        self,
        name: str,
        response: str,
        values: Mapping[str, Any] | None = None,
        choices: list[dict[str, Any]] | None = None,
    ) -> None:
        """Say a question and remember that its answer is waited for."""
        self.say(response, values, choices)
        self.memory.awaiting, self.memory.asked_by = name, response


def read_turn(tracker: Tracker) -> Turn:
    """Read a turn from Rasa's tracker.

    `now`, `language`, `languages` (all that are offered) and `site` come from the gateway's metadata. Without them (rasa shell, rasa test) the
    day is that of the message itself and the language German.
    """
    users = [event for event in tracker.events if event.get("event") == "user"]
    last = users[-1] if users else {}
    metadata = last.get("metadata") or {}
    message = tracker.latest_message or {}
    entities = _entities(message.get("entities") or [])
    hints = frozenset(hint for value in entities.pop(HINT, []) for hint in value.split(","))
    return Turn(
        now=_now(metadata, last),
        language=metadata.get("language") or "de",
        site=metadata.get("site"),
        before=tuple(metadata["before"]) if isinstance(metadata.get("before"), list) else None,
        languages=tuple(metadata.get("languages") or (metadata.get("language") or "de",)),
        conversation=metadata.get("conversation") or tracker.sender_id,
        intent=(message.get("intent") or {}).get("name") or "",
        text=message.get("text") or "",
        entities=entities,
        hints=hints,
        memory=Memory.of(tracker.slots),
        previous=_previous_messages(tracker.events),
        previous_intent=_intent(users[-2]) if len(users) > 1 else "",
        danger=_chance(message.get("intent_ranking") or [], DANGEROUS),
        likely=_likely(message.get("intent_ranking") or []),
    )


def _now(metadata: Mapping[str, Any], event: Mapping[str, Any]) -> datetime:
    given = metadata.get("now")
    if given:
        now = datetime.fromisoformat(given)
        return now.astimezone(BERLIN) if now.tzinfo else now.replace(tzinfo=BERLIN)
    return datetime.fromtimestamp(event.get("timestamp") or 0, BERLIN)


def _likely(ranking: list[dict[str, Any]]) -> list[str]:
    """Return the intents worth asking about: at least LEAST_CHANCE, at most MOST_LIKELY, and no more once these nearly cover all."""
    found: list[str] = []
    covered = 0.0
    for entry in ranking:
        name, chance = entry.get("name"), float(entry.get("confidence") or 0.0)
        if name == NOT_UNDERSTOOD:
            continue
        if chance < LEAST_CHANCE or len(found) == MOST_LIKELY or (len(found) > 1 and covered >= NEARLY_ALL):
            break
        found.append(str(name))
        covered += chance
    return found


def _chance(ranking: list[dict[str, Any]], intent: str) -> float:
    return max((float(entry.get("confidence") or 0.0) for entry in ranking if entry.get("name") == intent), default=0.0)


def _entities(found: list[dict[str, Any]]) -> dict[str, list[str]]:
    values: dict[str, list[str]] = {}
    for entity in found:
        there = values.setdefault(str(entity.get("entity")), [])
        value = str(entity.get("value"))
        if value not in there and (len(there) < MOST_VALUES_OF_ONE_ENTITY or entity.get("entity") == HINT):
            there.append(value)
    return values


def _intent(event: Mapping[str, Any]) -> str:
    """Return the intent of a stored message; Rasa keeps it inside what the classifier said."""
    parsed = event.get("parse_data") or event
    return (parsed.get("intent") or {}).get("name") or ""


def _previous_messages(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return what the bot said between the last two messages of the person, oldest first."""
    said: list[dict[str, Any]] = []
    users = 0
    for event in reversed(events):
        if event.get("event") == "user":
            users += 1
            if users == 2:
                break
        elif users == 1 and event.get("event") == "bot":
            custom = (event.get("data") or {}).get("custom")
            if custom:
                said.append(custom)
    return said[::-1]


_stores: dict[str, Store] = {}


def open_store() -> Store:
    """Return the process's store, opened on first use (importing this module opens nothing)."""
    if "given" not in _stores:
        _stores["given"] = Store(_url())
    return _stores["given"]


def use_store(store: Store | None) -> None:
    """Put another store in place, or with None open the configured one again; for tests and tools."""
    _stores.pop("given", None)
    if store is not None:
        _stores["given"] = store


@lru_cache(maxsize=1)
def _url() -> str:
    return os.environ.get("LOTSE_DATABASE_URL") or default_url(os.environ)
