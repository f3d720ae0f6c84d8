"""What the conversation remembers between two messages: the slots, written back where they changed."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field, fields
from typing import Any

from rasa_sdk.events import SlotSet


@dataclass
class Memory:
    """One field per slot of domain.yml; a slot that was never set has its empty value here."""

    facts: dict[str, Any] = field(default_factory=dict)
    """Name of a fact -> its value; dates as ISO days; "unknown" = asked, the person does not know."""
    approximate: dict[str, list[str]] = field(default_factory=dict)
    """Name of a date fact -> [earliest, latest] ISO day, where the person named no exact day."""
    unconfirmed: dict[str, Any] = field(default_factory=dict)
    """Fact -> value heard in free words that counts only once the person has said yes to it (facts.py)."""
    about: list[str] = field(default_factory=list)
    """Whom the facts were told of (whom.py): `me`, `partner`, `client`, …; empty = nobody was named, so the person who writes."""
    topic: str | None = None
    """What the conversation is about: a topic of the law, or `booking`, `opening_hours`, …"""
    awaiting: str | None = None
    """The fact or field that was asked last; None = nothing is asked."""
    asked_by: str | None = None
    """The response that asked it; None = nothing is asked, or it was laid aside and is asked again."""
    open_question: dict[str, Any] = field(default_factory=dict)
    """What the question that waits for an answer already said (day, site …)."""
    suspended: dict[str, Any] | None = None
    """Topic, awaiting and open question of an interview that another question interrupted."""
    booking: dict[str, Any] = field(default_factory=dict)
    course_search: dict[str, Any] = field(default_factory=dict)
    """What a person looks for in a course; `shown` = how many of the found ones were said."""
    misunderstood: int = 0
    last_answer: dict[str, Any] = field(default_factory=dict)
    """{"more": messages} that 'show more' adds to the last answer."""

    @classmethod
    def of(cls, slots: dict[str, Any]) -> Memory:
        """Read the slots of a tracker; what is missing or None keeps its empty value."""
        given = {f.name: slots.get(f.name) for f in fields(cls)}
        memory = cls(**copy.deepcopy({name: value for name, value in given.items() if value is not None}))
        memory.misunderstood = int(memory.misunderstood)
        return memory

    def events_since(self, before: Memory) -> list[dict[str, Any]]:
        """Return a SlotSet event for every slot that differs from `before`."""
        return [
            SlotSet(f.name, getattr(self, f.name))
            for f in fields(self)
            if getattr(self, f.name) != getattr(before, f.name)
        ]

    def suspend(self) -> None:
        """Lay the running questions aside to take them up again; what was laid aside first stays, unless whom it is about was asked since."""
        if self.awaiting and (self.suspended is None or self.topic == "whom"):
            self.suspended = {
                "topic": self.topic,
                "awaiting": self.awaiting,
                "open_question": self.open_question,
            }
        self.close()

    def resume(self) -> bool:
        """Take up what was laid aside; False if nothing was."""
        if self.suspended is None:
            return False
        self.topic = self.suspended["topic"]
        self.awaiting = self.suspended["awaiting"]
        self.open_question = self.suspended["open_question"]
        self.suspended = None
        return True

    def close(self) -> None:
        """Nothing is asked any more; the topic stays."""
        self.awaiting = self.asked_by = None
        self.open_question = {}
