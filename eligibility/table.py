"""Decision tables as boxes: every condition cuts its fact into a few regions, every rule is a box of regions.

The same cutting serves the answer (the box of what is known of one person), the interview (is there a way to
complete what is missing that changes the answer?) and the proof (the box of everything).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Any, NamedTuple

from .load import (
    Between,
    Condition,
    Cut,
    Implication,
    InTable,
    OneOf,
    Rule,
    Topic,
    facts_schema,
    load_countries,
    load_days,
    load_table,
)
from .periods import complete_on
from .values import Known

#: One bit set per dimension: the regions that are still possible.
Box = tuple[int, ...]


class Seen(NamedTuple):
    """What is known of one dimension: possible regions, and why it is more than one."""

    mask: int
    cause: str  # fixed, missing, unknown, near, open
    facts: tuple[str, ...]  # missing: what to ask, in order; unknown: what the person does not know


@dataclass(frozen=True)
class Dimension:
    """One fact or period, cut into the regions that the rules of a day distinguish."""

    name: str  # fact or period
    day: str | None  # for a period: the day on which it begins
    kind: str  # code, bool, country, table, number, date, period
    regions: tuple[Any, ...]  # values, sets of tables, or (for scales) the cuts between the regions
    labels: tuple[str, ...]
    members: tuple[tuple[str, frozenset[str]], ...] = ()  # table: table name -> codes on the day
    doubtful: frozenset[str] = frozenset()  # table: codes whose line has confidence C

    @property
    def full(self) -> int:
        """Return the mask of all regions."""
        return (1 << len(self.labels)) - 1

    def mask_of(self, condition: Condition) -> int:
        """Return the regions in which the condition is true."""
        if isinstance(condition, OneOf):
            mask = sum(1 << i for i, value in enumerate(self.regions) if value in condition.values)
            return self.full & ~mask if condition.negated else mask
        if isinstance(condition, InTable):
            mask = sum(1 << i for i, tables in enumerate(self.regions) if tables & condition.tables)
            return self.full & ~mask if condition.negated else mask
        cuts = list(self.regions)
        low = cuts.index(condition.lower) + 1 if condition.lower else 0
        high = cuts.index(condition.upper) if condition.upper else len(cuts)
        return sum(1 << i for i in range(low, high + 1))

    def see(self, known: Known, margin: timedelta) -> Seen:
        """Return which regions the facts leave possible on the day of `known`."""
        if self.kind in ("period", "date"):
            return self._see_scale(known, margin)
        if self.name not in known.values:
            if self.name in known.unknown:
                return Seen(self.full, "unknown", (self.name,))
            return Seen(self.full, "missing", (self.name,))
        value = known.values[self.name]
        if self.kind == "number":
            return Seen(1 << sum(1 for cut in self.regions if cut.key <= (float(value), 0)), "fixed", ())
        if self.kind == "table":
            tables = frozenset(name for name, codes in self.members if value in codes)
            return Seen(1 << self.regions.index(tables), "fixed", ())
        if value not in self.regions:  # a country that no rule names one by one
            return Seen(1 << self.regions.index(None), "fixed", ())
        return Seen(1 << self.regions.index(value), "fixed", ())

    def _see_scale(self, known: Known, margin: timedelta) -> Seen:
        day = self.day or self.name
        span = known.day(day)
        if self.kind == "date":
            low = sum(1 for cut in self.regions if cut.key[0] <= span.lo.toordinal())
            high = sum(1 for cut in self.regions if cut.key[0] <= span.hi.toordinal())
        else:
            # The later the period began, the fewer thresholds have been reached.
            limit = known.on - margin + _strictly(margin)
            low = sum(1 for cut in self.regions if complete_on(span.hi, cut.value) < limit)
            high = sum(1 for cut in self.regions if complete_on(span.lo, cut.value) - margin <= known.on)
        mask = sum(1 << i for i in range(low, high + 1))
        if low == high:
            return Seen(mask, "fixed", ())
        if span.lo == span.hi:
            return Seen(mask, "near", self.sources(known))
        asks = asks_for(day, known)
        missing = tuple(f for f in asks if known.absent(f))
        if missing:
            return Seen(mask, "missing", missing)
        unknown = tuple(f for f in asks if f in known.unknown)
        return Seen(mask, "unknown" if unknown else "open", unknown or self.sources(known))

    def sources(self, known: Known) -> tuple[str, ...]:
        """Return the given facts on which this dimension rests."""
        day = self.day or self.name
        if day in known.values or self.kind not in ("period", "date"):
            return (day,) if day in known.values else ()
        span = known.day(day)
        if span.assumed_from:
            return (span.assumed_from,)
        return tuple(f for f in asks_for(day, known) if f in known.values)


def _strictly(margin: timedelta) -> timedelta:
    # With a margin its last day is still open ('within three days'); without one the deadline itself counts.
    return timedelta(0) if margin else timedelta(days=1)


def asks_for(day: str, known: Known) -> tuple[str, ...]:
    """Return the facts that can tell about a day, in the order of asking."""
    status = known.values.get("residence_status")
    for row in load_days().ask.get(day, ()):
        if not row.statuses or status in row.statuses:
            return row.facts if day in row.facts else (*row.facts, day)
    return (day,)


# --- one day's rules, compiled -----------------------------------------------------------------------------


class Row(NamedTuple):
    """A rule as a box: only the dimensions it cuts."""

    rule: Rule
    cuts: tuple[tuple[int, int], ...]  # (dimension, mask)
    review: bool


class Implied(NamedTuple):
    """An implication as a box."""

    implication: Implication
    cuts: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Compiled:
    """The rules of a topic that are in force on one day."""

    dimensions: tuple[Dimension, ...]
    index: dict[str, int]
    rows: tuple[Row, ...]
    objections: tuple[Row, ...]
    implications: tuple[Implied, ...]
    by_slice: dict[int, tuple[Row, ...]]

    @property
    def full(self) -> Box:
        """Return the box of everything."""
        return tuple(d.full for d in self.dimensions)

    def rows_for(self, box: Box) -> tuple[Row, ...]:
        """Return the rules that can matter for the papers still possible in this box."""
        place = self.index.get("residence_status")
        if place is None:
            return self.rows
        mask = box[place]
        if mask not in self.by_slice:
            self.by_slice[mask] = tuple(row for row in self.rows if all(m & mask for d, m in row.cuts if d == place))
        return self.by_slice[mask]


def compile_day(topic: Topic, on: date) -> Compiled:
    """Return the compiled rules of the span between two breakpoints that holds `on`; kept."""
    points = topic.compiled.setdefault("points", topic.breakpoints())
    epoch = max((p for p in points if p <= on), default=on)
    if epoch not in topic.compiled:
        topic.compiled[epoch] = _compile(topic, epoch)
    found: Compiled = topic.compiled[epoch]
    return found


def _compile(topic: Topic, on: date) -> Compiled:
    rules = [r for r in topic.rules if r.valid(on)]
    objections = [r for r in topic.objections if r.valid(on)]
    implications = [i for i in topic.implications if i.valid(on)]
    conditions: dict[str, list[Condition]] = {}
    items: list[Rule | Implication] = [*rules, *objections, *implications]
    for item in items:
        for name, condition in item.when.items():
            conditions.setdefault(name, []).append(condition)
    for topic_slice in topic.slices:
        conditions.setdefault(topic_slice, [])
    dimensions = tuple(_dimension(topic, name, found, on) for name, found in sorted(conditions.items()))
    index = {d.name: i for i, d in enumerate(dimensions)}

    def cuts(when: Iterable[tuple[str, Condition]]) -> tuple[tuple[int, int], ...]:
        return tuple(sorted((index[name], dimensions[index[name]].mask_of(c)) for name, c in when))

    return Compiled(
        dimensions=dimensions,
        index=index,
        rows=tuple(Row(r, cuts(r.when.items()), r.review) for r in rules),
        objections=tuple(
            Row(r, cuts(r.when.items()), r.review) for r in (*(r for r in rules if r.at_once), *objections)
        ),
        implications=tuple(Implied(i, cuts(i.when.items())) for i in implications),
        by_slice={},
    )


def _dimension(topic: Topic, name: str, conditions: Sequence[Condition], on: date) -> Dimension:
    scales = [c for c in conditions if isinstance(c, Between)]
    if scales:
        kind = "period" if name in topic.periods else facts_schema()[name].kind
        cuts = sorted({cut for c in scales for cut in (c.lower, c.upper) if cut}, key=lambda cut: cut.key)
        return Dimension(name, topic.periods.get(name), kind, tuple(cuts), _scale_labels(cuts))
    if any(isinstance(c, InTable) for c in conditions):
        return _table_dimension(topic, name, conditions, on)
    spec = facts_schema()[name]
    values: tuple[Any, ...] = (False, True) if spec.kind == "bool" else spec.values
    if spec.kind == "country":
        named = sorted({v for c in conditions if isinstance(c, OneOf) for v in c.values})
        values = (*named, None)
    return Dimension(name, None, spec.kind, values, tuple("other" if v is None else str(v) for v in values))


def _table_dimension(topic: Topic, name: str, conditions: Sequence[Condition], on: date) -> Dimension:
    if not all(isinstance(c, InTable) for c in conditions):
        raise ValueError(f"{topic.name}: '{name}' is compared with tables and with values on {on}; use tables only")
    names = sorted({t for c in conditions if isinstance(c, InTable) for t in c.tables})
    lines = {t: [row for row in topic.tables[t] if row.valid(on)] for t in names}
    members = tuple((t, frozenset(row.code for row in lines[t])) for t in names)
    spec = facts_schema()[name]
    everything = load_countries() if spec.kind == "country" else frozenset(spec.values)
    regions = sorted(
        {frozenset(t for t, codes in members if code in codes) for code in everything},
        key=lambda r: sorted(r),
    )
    listed = [*lines.values(), load_table(spec.table) if spec.table else ()]
    doubtful = frozenset(row.code for rows in listed for row in rows if row.confidence == "C")
    labels = tuple(" and ".join(sorted(r)) or "in no table" for r in regions)
    return Dimension(name, None, "table", tuple(regions), labels, members, doubtful)


def _scale_labels(cuts: Sequence[Cut]) -> tuple[str, ...]:
    if not cuts:
        return ("any",)
    between = (f"from {a} to before {b}" for a, b in pairwise(cuts))
    return (f"before {cuts[0]}", *between, f"from {cuts[-1]}")


# --- cutting boxes -----------------------------------------------------------------------------------------


class Leaf(NamedTuple):
    """A part of a box in which one rule is the first that applies."""

    row: Row
    box: Box


def first_matches(rows: Sequence[Row], box: Box) -> tuple[list[Leaf], list[Box]]:
    """Cut a box by the rules in their order; return disjoint leaves, and the parts that no rule covers."""
    leaves: list[Leaf] = []
    work = [box]
    for row in rows:
        rest: list[Box] = []
        for part in work:
            if any(not part[d] & mask for d, mask in row.cuts):
                rest.append(part)
                continue
            inside = list(part)
            for d, mask in row.cuts:
                outside = inside[d] & ~mask
                if outside:
                    rest.append((*inside[:d], outside, *inside[d + 1 :]))
                    inside[d] &= mask
            leaves.append(Leaf(row, tuple(inside)))
        work = rest
        if not work:
            break
    return leaves, work


def tipping(leaves: Sequence[tuple[Any, Box]], dimensions: Sequence[Dimension]) -> set[int]:
    """Return the dimensions in which alone two completions can differ and yet lead to different results.

    Two disjoint boxes with different results that part in exactly one dimension prove it for that dimension.
    Each box is packed into one number, a field per dimension with a spare bit on top: adding all ones to the
    common part carries into the spare bit of every field that is not empty.
    """
    offsets, ones, spare, offset = [], 0, 0, 0
    for dimension in dimensions:
        width = len(dimension.labels)
        offsets.append(offset)
        ones |= ((1 << width) - 1) << offset
        spare |= 1 << (offset + width)
        offset += width + 1
    owner = {1 << (offsets[d] + len(dimension.labels)): d for d, dimension in enumerate(dimensions)}
    by_result: dict[Any, list[int]] = {}
    for result, box in leaves:
        packed = sum(mask << place for mask, place in zip(box, offsets, strict=True))
        by_result.setdefault(result, []).append(packed)
    found = 0
    groups = list(by_result.values())
    for i, group in enumerate(groups):
        for other in groups[i + 1 :]:
            for left in group:
                for right in other:
                    parted = spare & ~((left & right) + ones)
                    if not parted & (parted - 1):
                        found |= parted
    return {d for bit, d in owner.items() if found & bit}
