"""What goes in and what comes out: facts, findings, questions, and the errors that name a fact."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

#: 'asked, the person does not know' and 'asked, would rather not say'. Neither is ever false, zero or 1970.
UNKNOWN = "unknown"
WITHHELD = "withheld"


class EligibilityError(ValueError):
    """A request that cannot be answered; `str()` of it is one sentence for people."""


class TopicError(EligibilityError):
    """There is no such topic."""


class FactError(EligibilityError):
    """A fact that does not exist, has an impossible value, or contradicts another one."""

    def __init__(self, fact: str, sentence: str) -> None:
        super().__init__(sentence)
        self.fact = fact
        self.sentence = sentence


class RuleError(Exception):
    """A rule file that breaks the format; names file, rule and field."""

    def __init__(self, file: str, rule: str, field: str, sentence: str) -> None:
        super().__init__(f"{file}: rule '{rule}', field '{field}': {sentence}")
        self.file, self.rule, self.field = file, rule, field


@dataclass(frozen=True)
class FactSpec:
    """One fact a person can be asked for (eligibility/facts.yml)."""

    name: str
    kind: str  # code, bool, date, number, country
    values: tuple[str, ...]  # what may be given; empty for dates, numbers and countries
    cost: int  # questions are asked in this order: what people know by heart before what stands on paper
    asked_with: str  # buttons or free
    depends_on: tuple[str, ...]  # a change of one of these drops this answer
    sensitive: bool
    because: str  # reason code: why the question is asked
    table: str | None = None  # table that lists the values


@dataclass(frozen=True)
class Citation:
    """A paragraph, where it was read, and how far the reading is confirmed."""

    law: str
    cite: str
    valid_from: date
    valid_to: date | None  # None: still in force when last read
    verified_until: date
    confidence: str  # A, B or C as in the law sheet
    source: str
    papers: frozenset[str] = frozenset()  # shown to holders of these papers only; empty: to everybody
    activities: frozenset[str] = frozenset()  # not shown for other activities; empty: for all
    countries: frozenset[str] = frozenset()  # shown to these nationals only; empty: to everybody

    @property
    def text(self) -> str:
        """Return the citation as written in a letter: '§ 32 Abs. 1 BeschV'."""
        return f"{self.cite} {self.law}"

    def to_json(self) -> dict[str, Any]:
        """Return the JSON form of vocabulary.md."""
        return {
            "law": self.law,
            "cite": self.cite,
            "valid_from": self.valid_from.isoformat(),
            "valid_to": self.valid_to.isoformat() if self.valid_to else None,
            "verified_until": self.verified_until.isoformat(),
            "confidence": self.confidence,
            "source": self.source,
        }


@dataclass(frozen=True)
class Checked:
    """A rule that was looked at and does not apply, and the facts that exclude it."""

    rule: str
    reason: str  # reason code of the rule
    facts: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {"rule": self.rule, "reason": self.reason, "facts": list(self.facts)}


@dataclass(frozen=True)
class Question:
    """The next question of the interview and why it is asked."""

    fact: str
    because: str  # reason code
    spec: FactSpec


@dataclass(frozen=True)
class Finding:
    """The answer of the rules for one topic, one set of facts and one day."""

    topic: str
    on: date
    outcome: str | None = None  # None: a fact that was not given can still change it (see missing)
    strength: str | None = None  # may, should, must
    from_: date | None = None  # first day, where the outcome is 'not yet'; None if no day is known
    rule: str | None = None  # id of the rule that decides; None while open or when an unknown fact decides
    citations: tuple[Citation, ...] = ()
    reasons: tuple[str, ...] = ()
    checked: tuple[Checked, ...] = ()
    missing: tuple[str, ...] = ()
    next_question: str | None = None
    asked_because: str | None = None
    used: Mapping[str, object] = field(default_factory=dict)
    review: bool = False
    caution: tuple[str, ...] = ()
    extra: Mapping[str, object] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return the JSON object of the rule command (vocabulary.md), codes with their plain sentence."""
        from .load import load_reasons

        words = load_reasons()
        # 'SGB II from 01.05.': where money is paid from a day on, that is the day
        since = self.from_ or self.extra.get("paid_from")
        return {
            "topic": self.topic,
            "on": self.on.isoformat(),
            "outcome": self.outcome,
            "strength": self.strength,
            "from": plain(since),
            "rule": self.rule,
            "citations": [c.to_json() for c in self.citations],
            "reasons": [{"code": code, "text": words[code]} for code in self.reasons],
            "checked": [c.to_json() for c in self.checked],
            "missing": list(self.missing),
            "next_question": self.next_question,
            "asked_because": words[self.asked_because] if self.asked_because else None,
            "used": {name: plain(value) for name, value in self.used.items()},
            "review": self.review,
            "caution": [{"code": code, "text": words[code]} for code in self.caution],
            "extra": {name: plain(value) for name, value in self.extra.items()},
            # the vocabulary names these beside the outcome
            **{name: plain(self.extra[name]) for name in ("office", "obliged", "papers") if name in self.extra},
        }


def plain(value: object) -> Any:
    """Return a value as JSON knows it: days as ISO text, tuples as lists."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    return value
