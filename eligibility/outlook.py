"""'When may I?': the days on which the outcome changes by itself, and what would bring it forward."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from .engine import STAFF, evaluate_with_margin
from .load import LAST_DAY, Topic, load_reasons, load_topic
from .model import Finding, plain
from .periods import complete_on
from .table import compile_day
from .values import check_day, known

_NO_MARGIN = timedelta(0)


@dataclass(frozen=True)
class Change:
    """One change of the outcome: by time, by a change of the law, or because a fact changes."""

    kind: str  # time, law or fact
    on: date  # first day of the new outcome; for a fact: first day on which it would be reached
    outcome: str | None
    strength: str | None
    from_: date | None
    rule: str | None
    reasons: tuple[str, ...]
    citations: tuple[str, ...]  # '§ 32 Abs. 1 BeschV'
    review: bool
    caution: tuple[str, ...]
    fact: str | None = None  # kind fact: which fact ...
    value: object = None  # ... would have to become what

    def to_json(self) -> dict[str, Any]:
        """Return the JSON form; codes come with their plain sentence."""
        words = load_reasons()
        found = {
            "kind": self.kind,
            "on": self.on.isoformat(),
            "outcome": self.outcome,
            "strength": self.strength,
            "from": plain(self.from_),
            "rule": self.rule,
            "reasons": [{"code": code, "text": words[code]} for code in self.reasons],
            "citations": list(self.citations),
            "review": self.review,
            "caution": [{"code": code, "text": words[code]} for code in self.caution],
        }
        if self.fact:
            found["if"] = {self.fact: plain(self.value)}
        return found


def calendar(topic: str, facts: Mapping[str, object], on: date, years: int = 4) -> list[Change]:
    """Return the changes of the next years in the order of their days, then the facts that would help.

    Deadlines stand on their own day here (no margin of three days). The law is the text known today: a later
    day carries the caution that the text may change. FactError and TopicError as for evaluate.
    """
    rules = load_topic(topic)
    end = _end(on, years)
    path = _path(rules, facts, on, end)
    changes = [_change(kind, day, finding) for kind, day, finding in path[1:]]
    return changes + _brought_forward(rules, facts, on, end, path)


def _end(on: date, years: int) -> date:
    check_day(on)
    return min(date(min(on.year + years, LAST_DAY.year), on.month, min(on.day, 28)), LAST_DAY)


def _path(topic: Topic, facts: Mapping[str, object], on: date, end: date) -> list[tuple[str, date, Finding]]:
    """Return the finding of the first day and of each day on which it differs from the one before."""
    if topic.note and facts.get("residence_status") in topic.note.ask_for:
        # What is printed today will be printed anew when the answer changes.
        facts = {name: value for name, value in facts.items() if name != topic.note.fact}
    law_days = {p for p in topic.breakpoints() if on < p <= end}
    found: list[tuple[str, date, Finding]] = []
    for day in sorted({on} | law_days | _deadlines(topic, facts, on, end)):
        finding = evaluate_with_margin(topic.name, facts, day, _NO_MARGIN)
        if not found or _gist(finding) != _gist(found[-1][2]):
            found.append(("law" if day in law_days else "time", day, finding))
    return found


def _gist(finding: Finding) -> tuple[object, ...]:
    return finding.outcome, finding.strength, finding.from_


def _deadlines(topic: Topic, facts: Mapping[str, object], on: date, end: date) -> set[date]:
    """Return the days in the span on which some period that the rules count is complete."""
    person = known(facts, on)
    days: set[date] = set()
    for start in [on, *(p for p in topic.breakpoints() if on < p <= end)]:
        for dimension in compile_day(topic, start).dimensions:
            if dimension.kind == "period" and dimension.day:
                span = person.day(dimension.day)
                days.update(complete_on(d, cut.value) for cut in dimension.regions for d in (span.lo, span.hi))
    return {d for d in days if on < d <= end}


def _change(kind: str, day: date, finding: Finding, fact: str | None = None, value: object = None) -> Change:
    return Change(
        kind=kind,
        on=day,
        outcome=finding.outcome,
        strength=finding.strength,
        from_=finding.from_,
        rule=finding.rule,
        reasons=finding.reasons,
        citations=tuple(c.text for c in finding.citations),
        review=finding.review,
        caution=finding.caution,
        fact=fact,
        value=value,
    )


def _rank(topic: Topic, finding: Finding) -> int | None:
    """Return the place of an outcome, 0 the best; None for 'staff' and for what is still open."""
    if finding.outcome is None or finding.outcome == STAFF:
        return None
    return topic.outcomes.index(finding.outcome)


def _brought_forward(
    topic: Topic, facts: Mapping[str, object], on: date, end: date, path: list[tuple[str, date, Finding]]
) -> list[Change]:
    now = _rank(topic, path[0][2])
    if not now:
        return []
    found = []
    for lever in topic.levers:
        if lever.fact not in facts or facts[lever.fact] == lever.value:
            continue
        other = _path(topic, {**facts, lever.fact: lever.value}, on, end)
        better = next(((d, f, r) for _, d, f in other if (r := _rank(topic, f)) is not None and r < now), None)
        if better and better[0] < _reached(topic, path, better[2]):
            found.append(_change("fact", better[0], better[1], lever.fact, lever.value))
    return found


def _reached(topic: Topic, path: list[tuple[str, date, Finding]], wanted: int) -> date:
    """Return the day on which an outcome this good is reached without the lever; date.max if never."""
    return next((d for _, d, f in path if (r := _rank(topic, f)) is not None and r <= wanted), date.max)
