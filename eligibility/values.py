"""Takes facts from outside, checks them, and knows what they say about days that were not given."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

from .load import FIRST_DAY, LAST_DAY, TakenAs, facts_schema, load_aliases, load_countries, load_days
from .model import UNKNOWN, WITHHELD, FactError, FactSpec
from .periods import MARGIN, complete_on, day_before_months

_BEGINNING = date(1900, 1, 1)


class Interval(NamedTuple):
    """A day that lies between two others, both included; equal ends: the day is known."""

    lo: date
    hi: date
    assumed_from: str | None  # the fact that stands in for the day, if one does
    caution: str | None


class Known:
    """The facts given, checked; what was asked and not known; and bounds for every day."""

    def __init__(self, values: Mapping[str, Any], unknown: frozenset[str], on: date) -> None:
        self.values = dict(values)
        self.unknown = unknown
        self.on = on
        self.derived: dict[str, Any] = {}
        self.so_far = False  # also take one day for another where this may be too little (facts.yml, held_for)
        self._days: dict[str, Interval] | None = None

    def imply(self, fact: str, value: Any) -> None:
        """Take over a fact that the law derives from the others."""
        self.values[fact] = value
        self.derived[fact] = value
        self.unknown -= {fact}
        self._days = None

    def absent(self, fact: str) -> bool:
        """Return whether the fact was neither given nor answered with 'I don't know'."""
        return fact not in self.values and fact not in self.unknown

    def day(self, name: str) -> Interval:
        """Return the bounds of a day."""
        if self._days is None:
            self._days = self._bounds()
        return self._days[name]

    def _bounds(self) -> dict[str, Interval]:
        status = self.values.get("residence_status")
        days = load_days()
        names = {n for rule in days.order for n in (rule.earlier, rule.later)}
        names |= {n for n, spec in facts_schema().items() if spec.kind == "date"}
        lo = {n: self.values.get(n, _BEGINNING) for n in names}
        hi = {n: self.values.get(n, self.on) for n in names}
        fixed = {n for n in names if n in self.values}
        assumed: dict[str, tuple[str, str]] = {}
        for rule in days.taken_as:
            sources = [n for n in rule.earliest_of if n in self.values]
            if rule.day in fixed or rule.day in assumed or status not in rule.statuses or not sources:
                continue
            source = min(sources, key=lambda n: (self.values[n], n))
            if rule.held_for and not self._held(rule, self.values[source]):
                continue
            hi[rule.day] = lo[rule.day] = self.values[source]
            if rule.up_to_earlier:
                lo[rule.day] = day_before_months(self.values[source], rule.up_to_earlier)
            else:
                fixed.add(rule.day)
            assumed[rule.day] = (source, rule.caution)
        for _ in range(4):  # the chain entered → contact → registered → applied has four links
            for order in days.order:
                if order.statuses and status not in order.statuses:
                    continue
                if order.earlier not in fixed:
                    hi[order.earlier] = min(hi[order.earlier], hi[order.later])
                if order.later not in fixed:
                    lo[order.later] = max(lo[order.later], lo[order.earlier])
        return {
            n: Interval(min(lo[n], hi[n]), hi[n], *(assumed.get(n, (None, None))))  # sloppy sets must not invert
            for n in names
        }

    def _held(self, rule: TakenAs, since: date) -> bool:
        """Return whether a day may stand in for another in the answer so far."""
        if not self.so_far or rule.held_for is None or any(n in self.values for n in rule.without):
            return False
        return complete_on(since, rule.held_for) + MARGIN < self.on


def known(facts: Mapping[str, object], on: date) -> Known:
    """Check facts from outside; FactError names the fact and what is allowed."""
    check_day(on)
    values: dict[str, Any] = {}
    unknown: set[str] = set()
    for name, raw in facts.items():
        spec = facts_schema().get(name) if isinstance(name, str) else None
        if spec is None:
            raise FactError(str(name), f"There is no fact '{name}'; the facts are: {', '.join(facts_schema())}.")
        if raw is None:
            continue
        if isinstance(raw, str) and raw in (UNKNOWN, WITHHELD):
            unknown.add(name)
        else:
            values[name] = _value(spec, raw, on)
    _refuse_contradictions(values)
    return Known(values, frozenset(unknown), on)


def check_day(on: object) -> None:
    """Refuse a day outside the years the rules cover."""
    if not isinstance(on, date) or isinstance(on, datetime):
        raise FactError("on", f"'{on}' is not a day; write it as 2026-10-22.")
    if not FIRST_DAY <= on <= LAST_DAY:
        raise FactError("on", f"The day {on} is not covered; 'on' may be {FIRST_DAY} to {LAST_DAY}.")


def read_day(name: str, raw: object) -> date:
    """Read an ISO day; FactError for 30 February and the like."""
    if isinstance(raw, datetime):
        raise FactError(name, f"'{raw}' is no value of {name}: a day is needed, such as 2024-05-17, without a time.")
    if isinstance(raw, date):
        return raw
    if isinstance(raw, str) and len(raw) == 10:
        try:
            return date.fromisoformat(raw)
        except ValueError:
            pass
    raise FactError(name, f"'{raw}' is no value of {name}: a day that exists is needed, such as 2024-05-17.")


def _value(spec: FactSpec, raw: object, on: date) -> Any:
    if spec.kind == "date":
        return _day_value(spec, raw, on)
    if spec.kind == "bool":
        if isinstance(raw, bool):
            return raw
        raise FactError(spec.name, f"'{raw}' is no value of {spec.name}: allowed are true, false and unknown.")
    if spec.kind == "number":
        if isinstance(raw, (int, float)) and not isinstance(raw, bool) and 0 <= raw <= 1000:
            return raw
        raise FactError(spec.name, f"'{raw}' is no value of {spec.name}: a number from 0 is needed.")
    if spec.kind == "country":
        code = raw.upper() if isinstance(raw, str) else raw
        if code in load_countries():
            return code
        hint = " (quote NO in YAML)" if raw is False else ""
        raise FactError(
            spec.name,
            f"'{raw}' is no value of {spec.name}: a country code of two letters is needed, such as SY{hint}.",
        )
    return _code_value(spec, raw)


def _day_value(spec: FactSpec, raw: object, on: date) -> date:
    value = read_day(spec.name, raw)
    if value > on:
        raise FactError(spec.name, f"{spec.name} {value} lies after the day asked about ({on}); give a day up to it.")
    if value < _BEGINNING:
        raise FactError(spec.name, f"{spec.name} {value} lies too far back; give a day from {_BEGINNING} on.")
    return value


def _code_value(spec: FactSpec, raw: object) -> str:
    if isinstance(raw, str):
        if not spec.values or raw in spec.values:
            return raw
        if spec.name == "work_district":
            code = raw.lower().replace("-", "_").replace(" ", "_")
            code = load_aliases()["work_districts"].get(code, code)
            if code in spec.values:
                return code
    raise FactError(spec.name, f"'{raw}' is no value of {spec.name}: allowed are {', '.join(spec.values)} and unknown.")


def _refuse_contradictions(values: Mapping[str, Any]) -> None:
    for order in load_days().order:
        if order.contradiction and order.earlier in values and order.later in values:
            early, late = values[order.earlier], values[order.later]
            if early > late:
                raise FactError(
                    order.later,
                    f"{order.later} ({late}) lies before {order.earlier} ({early}); "
                    f"{order.later} must be the same day or later.",
                )


def drop_dependents(facts: Mapping[str, object], changed: str) -> dict[str, object]:
    """Return the facts without those answers that hung on the changed one (directly or through another)."""
    dropped = {changed}
    grew = True
    while grew:
        grew = False
        for name, spec in facts_schema().items():
            if name not in dropped and dropped.intersection(spec.depends_on):
                dropped.add(name)
                grew = True
    return {name: value for name, value in facts.items() if name == changed or name not in dropped}
