"""Reads facts, tables and rules from YAML and refuses what breaks the format, naming file, rule and field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from .model import Citation, FactSpec, RuleError, TopicError
from .periods import Duration, parse_duration

ROOT = Path(__file__).parent
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

FIRST_DAY = date(2015, 1, 1)  # the rules begin here ...
LAST_DAY = date(2100, 12, 31)  # ... and a day after this one is a typing error

_RULE_KEYS = {
    "id", "order", "valid_from", "valid_to", "when", "outcome", "strength", "from", "cites", "reasons",
    "caution", "review", "note", "extra", "objection", "catch_all", "at_once",
}  # fmt: skip
_IMPLICATION_KEYS = {
    "id", "valid_from", "valid_to", "when", "then", "replaces", "gives_way", "conflict", "cites",
    "reasons", "review",
}  # fmt: skip
_CITE_FOR = {"papers", "activities", "countries"}
_CITE_KEYS = {"law", "cite", "source", "confidence", "valid_from", "valid_to", "verified_until"} | _CITE_FOR


def read_yaml(path: Path) -> Any:
    """Return the content of one of our own YAML files."""
    with path.open(encoding="utf-8") as stream:
        return yaml.load(stream, Loader=_Loader)  # noqa: S506 (a safe loader)


# --- conditions --------------------------------------------------------------------------------------------


class Cut(NamedTuple):
    """A point on a scale that splits it in two: below, and reached."""

    key: tuple[float, int]  # sorts the cuts of one scale
    value: Any  # a Duration, a day or a number

    def __repr__(self) -> str:
        return str(self.value)


class OneOf(NamedTuple):
    """A code or yes/no fact has one of these values (or, negated, none of them)."""

    values: frozenset[Any]
    negated: bool


class InTable(NamedTuple):
    """A country or code stands in one of these tables on the day (or, negated, in none)."""

    tables: frozenset[str]
    negated: bool


class Between(NamedTuple):
    """A scale has reached `lower` and has not reached `upper`."""

    lower: Cut | None
    upper: Cut | None


Condition = OneOf | InTable | Between


class DayOf(NamedTuple):
    """A day that a rule puts into `extra`: on which a period is complete, or the last before it."""

    period: str
    duration: Duration
    last: bool


# --- what the files hold -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Rule:
    """One row of a decision table."""

    id: str
    file: str
    order: int
    valid_from: date
    valid_to: date | None  # last day (inclusive); None: open
    when: Mapping[str, Condition]
    outcome: str
    strength: str | None
    from_: tuple[str, Duration] | None
    citations: tuple[Citation, ...]
    reasons: tuple[str, ...]
    caution: tuple[str, ...]
    review: bool
    note: str  # check: the printed note must agree; skip: it has no bearing; read: it is a condition
    objection: bool
    catch_all: bool
    at_once: bool  # also decides before the rules above it, as soon as its own facts are certain
    extra: Mapping[str, Any]

    def valid(self, on: date) -> bool:
        """Return whether the rule is in force on this day."""
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)


@dataclass(frozen=True)
class Implication:
    """A fact that the law derives from others, when it was not given."""

    id: str
    file: str
    valid_from: date
    valid_to: date | None
    when: Mapping[str, Condition]
    fact: str
    value: Any
    replaces: frozenset[Any]  # given values that the implied one simply overrides
    conflict: str  # reason code when another value was given
    gives_way: bool  # a given value simply stays; no conflict
    citations: tuple[Citation, ...]
    reasons: tuple[str, ...]
    review: bool

    def valid(self, on: date) -> bool:
        """Return whether the implication holds on this day."""
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)


@dataclass(frozen=True)
class Row:
    """One dated line of a table; `value` only where the table holds amounts."""

    code: str
    valid_from: date
    valid_to: date | None
    confidence: str
    value: Any = None

    def valid(self, on: date) -> bool:
        """Return whether the line is in force on this day."""
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)


@dataclass(frozen=True)
class DayOrder:
    """`earlier` is never after `later` (for holders of these papers; empty: for everybody)."""

    earlier: str
    later: str
    statuses: frozenset[str]
    contradiction: bool


@dataclass(frozen=True)
class TakenAs:
    """A day that stands in for one that was not given."""

    day: str
    statuses: frozenset[str]
    earliest_of: tuple[str, ...]
    up_to_earlier: Duration | None
    caution: str
    held_for: Duration | None = None  # only for the answer so far, and only once the source is this old
    without: tuple[str, ...] = ()  # not where one of these is given


@dataclass(frozen=True)
class AskFor:
    """Which facts are asked when `day` decides, for holders of these papers (empty: for everybody)."""

    facts: tuple[str, ...]
    statuses: frozenset[str]


@dataclass(frozen=True)
class Days:
    """How the days of a life in Germany hang together (facts.yml)."""

    order: tuple[DayOrder, ...]
    taken_as: tuple[TakenAs, ...]
    ask: Mapping[str, tuple[AskFor, ...]]


@dataclass(frozen=True)
class Note:
    """What may be printed on the paper under which outcome."""

    fact: str
    agrees: Mapping[str, frozenset[str]]
    only_for: Mapping[str, frozenset[str]]  # note -> activities it covers
    ask_for: frozenset[str]  # papers whose note is asked while the outcome is open
    not_with: Mapping[str, frozenset[str]]  # fact -> values for which the note has no bearing


@dataclass(frozen=True)
class Lever:
    """A fact that could change and then bring a better outcome."""

    fact: str
    value: Any


@dataclass(frozen=True)
class Reading:
    """Values of a fact that the answer so far looks at while the fact was not given."""

    fact: str
    values: tuple[Any, ...]
    statuses: frozenset[str]  # for holders of these papers; empty: for everybody


@dataclass
class Topic:
    """One topic with all its rules, past ones included."""

    name: str
    outcomes: tuple[str, ...]  # best for the person first; 'staff' stands outside the order
    strengths: tuple[str, ...]
    groups: Mapping[str, Mapping[str, tuple[Any, ...]]]
    periods: Mapping[str, str]  # name of the period -> day on which it begins
    note: Note | None
    levers: tuple[Lever, ...]
    readings: tuple[Reading, ...]
    slices: tuple[str, ...]
    rules: tuple[Rule, ...] = ()
    objections: tuple[Rule, ...] = ()
    implications: tuple[Implication, ...] = ()
    tables: dict[str, tuple[Row, ...]] = field(default_factory=dict)
    compiled: dict[Any, Any] = field(default_factory=dict)  # filled by table.compile_day

    def breakpoints(self) -> list[date]:
        """Return every day on which a rule or a line of a table begins or has just ended."""
        days = {FIRST_DAY}
        dated: list[Rule | Implication | Row] = [*self.rules, *self.objections, *self.implications]
        for rows in self.tables.values():
            dated.extend(rows)
        for item in dated:
            days.add(max(item.valid_from, FIRST_DAY))
            if item.valid_to and item.valid_to >= FIRST_DAY:
                days.add(item.valid_to + timedelta(days=1))
        return sorted(days)


# --- facts, tables, reasons --------------------------------------------------------------------------------


@cache
def _facts_file() -> Any:
    return read_yaml(ROOT / "facts.yml")


@cache
def facts_schema() -> Mapping[str, FactSpec]:
    """Return every fact the rules know, by name, in the order of asking."""
    specs = []
    for name, raw in _facts_file()["facts"].items():
        values = tuple(raw.get("values", ()))
        if raw["kind"] == "bool":
            values = ("true", "false")
        if "table" in raw:
            values = tuple(dict.fromkeys(row.code for row in load_table(raw["table"])))
        specs.append(
            FactSpec(
                name=name,
                kind=raw["kind"],
                values=values,
                cost=raw["cost"],
                asked_with=raw.get("asked_with", "buttons" if 0 < len(values) <= 15 else "free"),
                depends_on=tuple(raw.get("depends_on", ())),
                sensitive=bool(raw.get("sensitive", False)),
                because=raw.get("because", f"why_{name}"),
                table=raw.get("table"),
            )
        )
    return {spec.name: spec for spec in sorted(specs, key=lambda s: (s.cost, s.name))}


@cache
def load_days() -> Days:
    """Return how the days hang together."""
    raw = _facts_file()["days"]
    return Days(
        order=tuple(
            DayOrder(
                r["earlier"],
                r["later"],
                frozenset(r.get("residence_status", ())),
                bool(r.get("contradiction")),
            )
            for r in raw["order"]
        ),
        taken_as=tuple(
            TakenAs(
                r["day"],
                frozenset(r["residence_status"]),
                tuple(r["earliest_of"]),
                parse_duration(r["up_to_earlier"]) if "up_to_earlier" in r else None,
                r["caution"],
                parse_duration(r["held_for"]) if "held_for" in r else None,
                tuple(r.get("without", ())),
            )
            for r in raw["taken_as"]
        ),
        ask={
            day: tuple(AskFor(tuple(r["facts"]), frozenset(r.get("residence_status", ()))) for r in rows)
            for day, rows in raw["ask"].items()
        },
    )


@cache
def load_table(name: str) -> tuple[Row, ...]:
    """Return the lines of eligibility/tables/<name>.yml; RuleError if there is no such table."""
    path = ROOT / "tables" / f"{name}.yml"
    if not path.exists():
        raise RuleError(path.name, "-", "table", f"there is no table '{name}'")
    raw = read_yaml(path)
    rows = []
    for number, line in enumerate(raw["rows"], start=1):
        where = f"line {number}"
        for code in line["code"] if isinstance(line["code"], list) else [line["code"]]:
            rows.append(
                Row(
                    code=_text(code, path.name, where, "code"),
                    valid_from=_day(line.get("valid_from", raw.get("valid_from")), path.name, where, "valid_from"),
                    valid_to=_open_day(line.get("valid_to", raw.get("valid_to", "open")), path.name, where, "valid_to"),
                    confidence=line.get("confidence", raw.get("confidence", "A")),
                    value=line.get("value"),
                )
            )
    return tuple(rows)


def in_table(name: str, code: str, on: date) -> bool:
    """Return whether a table lists this code on this day; RuleError if there is no such table."""
    return any(row.code == code and row.valid(on) for row in load_table(name))


@cache
def load_aliases() -> Mapping[str, Mapping[str, str]]:
    """Return other spellings of codes: table -> spelling -> code."""
    path = ROOT / "tables" / "work_districts.yml"
    return {"work_districts": dict(read_yaml(path).get("aliases", {}))}


@cache
def load_countries() -> frozenset[str]:
    """Return the ISO 3166 alpha-2 codes, with XK (Kosovo) and XX (stateless or unclear)."""
    return frozenset(str(read_yaml(ROOT / "tables" / "iso_countries.yml")["codes"]).split())


@cache
def load_reasons() -> Mapping[str, str]:
    """Return the plain English sentence for every reason, caution and 'why I ask' code."""
    merged: dict[str, str] = {}
    for path in [ROOT / "reasons.yml", *sorted((ROOT / "reasons").glob("*.yml"))]:
        merged.update({code: str(text).strip() for code, text in read_yaml(path).items()})
    return merged


@cache
def load_releases() -> tuple[tuple[str, date], ...]:
    """Return what staff released: (rule id or '*', day up to which the rule was checked)."""
    raw = read_yaml(ROOT / "releases.yml")["releases"] or []
    return tuple(
        (str(r["rule"]), _day(r["checked_until"], "releases.yml", str(r["rule"]), "checked_until")) for r in raw
    )


def topics() -> list[str]:
    """Return the names of the topics that have rules."""
    return sorted(path.parent.name for path in (ROOT / "rules").glob("*/_topic.yml"))


# --- topics ------------------------------------------------------------------------------------------------


@cache
def load_topic(name: str) -> Topic:
    """Return a topic with its rules; TopicError if there is none, RuleError if a file breaks the format."""
    if not isinstance(name, str) or name not in topics():
        raise TopicError(f"There is no topic '{name}'; there are: {', '.join(topics())}.")
    return read_topic(ROOT / "rules" / name)


def read_topic(folder: Path) -> Topic:
    """Read a topic from a folder with _topic.yml and rule files (tests plant mistakes in theirs)."""
    topic = _read_head(folder / "_topic.yml")
    rules: list[Rule] = []
    implications: list[Implication] = []
    for path in sorted(folder.glob("*.yml")):
        if path.name != "_topic.yml":
            _read_rules(path, topic, rules, implications)
    seen: dict[str, str] = {}
    items: list[Rule | Implication] = [*rules, *implications]
    for item in items:
        if item.id in seen:
            raise RuleError(item.file, item.id, "id", f"is used twice (also in {seen[item.id]})")
        seen[item.id] = item.file
    topic.rules = tuple(sorted((r for r in rules if not r.objection), key=lambda r: r.order))
    topic.objections = tuple(r for r in rules if r.objection)
    topic.implications = tuple(implications)
    for item in items:
        for condition in item.when.values():
            if isinstance(condition, InTable):
                for table in condition.tables:
                    topic.tables[table] = load_table(table)
    return topic


def _read_head(path: Path) -> Topic:
    raw = read_yaml(path)
    note = raw.get("note")
    return Topic(
        name=raw["topic"],
        outcomes=tuple(raw["outcomes"]),
        strengths=tuple(raw.get("strengths", ())),
        groups={fact: {g: tuple(v) for g, v in groups.items()} for fact, groups in raw.get("groups", {}).items()},
        periods=dict(raw.get("periods", {})),
        note=Note(
            fact=note["fact"],
            agrees={k: frozenset(v) for k, v in note["agrees"].items()},
            only_for={k: frozenset(v) for k, v in note.get("only_for", {}).items()},
            ask_for=frozenset(note["ask_for"]),
            not_with={k: frozenset(v) for k, v in note.get("not_with", {}).items()},
        )
        if note
        else None,
        readings=tuple(
            Reading(r["fact"], tuple(r["values"]), frozenset(r.get("residence_status", ())))
            for r in raw.get("readings", ())
        ),
        levers=tuple(Lever(lever["fact"], lever["value"]) for lever in raw.get("levers", ())),
        slices=tuple(raw.get("slices", ("residence_status",))),
    )


def _read_rules(path: Path, topic: Topic, rules: list[Rule], implications: list[Implication]) -> None:
    raw = read_yaml(path) or {}
    if not isinstance(raw, dict):
        raise RuleError(path.name, "-", "-", "a rule file is a mapping with 'rules:' and optional 'defaults:'")
    _only_keys(raw, {"about", "defaults", "rules", "implications"}, path.name, "-")
    defaults = raw.get("defaults", {})
    _only_keys(
        defaults,
        {"when", "verified_until", "source", "confidence", "note", "caution", "cites"},
        path.name,
        "defaults",
    )
    for item in raw.get("rules", ()):
        rules.append(_read_rule(item, defaults, path.name, topic))
    for item in raw.get("implications", ()):
        implications.append(_read_implication(item, defaults, path.name, topic))


def _read_rule(raw: Any, defaults: Mapping[str, Any], file: str, topic: Topic) -> Rule:
    rid = _rule_id(raw, file)
    _only_keys(raw, _RULE_KEYS, file, rid)
    objection = bool(raw.get("objection", False))
    for key in ("valid_from", "valid_to", "outcome", "cites", "reasons") + (() if objection else ("order",)):
        if key not in raw:
            raise RuleError(file, rid, key, "is missing")
    begin, end = _span(raw, file, rid)
    citations = _cites(raw["cites"], defaults, begin, end, file, rid)
    outcome, strength = raw["outcome"], raw.get("strength")
    if outcome not in topic.outcomes:
        raise RuleError(file, rid, "outcome", f"'{outcome}' is none of {', '.join(topic.outcomes)}")
    if strength is not None and strength not in topic.strengths:
        raise RuleError(file, rid, "strength", f"'{strength}' is none of {', '.join(topic.strengths)}")
    note = raw.get("note", defaults.get("note", "check"))
    if note not in ("check", "skip", "read"):
        raise RuleError(file, rid, "note", "is one of check, skip, read")
    if not raw["reasons"]:
        raise RuleError(file, rid, "reasons", "at least one reason code is needed")
    return Rule(
        id=rid,
        file=file,
        order=_number(raw.get("order", 0), file, rid, "order"),
        valid_from=begin,
        valid_to=end,
        when=_conditions({**defaults.get("when", {}), **raw.get("when", {})}, file, rid, topic),
        outcome=outcome,
        strength=strength,
        from_=_from(raw.get("from"), file, rid, topic),
        citations=citations,
        reasons=tuple(raw["reasons"]),
        caution=tuple(dict.fromkeys([*defaults.get("caution", ()), *raw.get("caution", ())])),
        review=bool(raw.get("review", any(c.confidence != "A" for c in citations))),
        note=note,
        objection=objection,
        catch_all=bool(raw.get("catch_all", False)),
        at_once=bool(raw.get("at_once", False)),
        extra={key: _extra(value, file, rid, topic) for key, value in raw.get("extra", {}).items()},
    )


def _read_implication(raw: Any, defaults: Mapping[str, Any], file: str, topic: Topic) -> Implication:
    rid = _rule_id(raw, file)
    _only_keys(raw, _IMPLICATION_KEYS, file, rid)
    gives_way = bool(raw.get("gives_way", False))
    needed = ("valid_from", "valid_to", "when", "then", "cites", "reasons")
    for key in needed if gives_way else (*needed, "conflict"):
        if key not in raw:
            raise RuleError(file, rid, key, "is missing")
    begin, end = _span(raw, file, rid)
    citations = _cites(raw["cites"], defaults, begin, end, file, rid)
    if len(raw["then"]) != 1:
        raise RuleError(file, rid, "then", "names exactly one fact and its value")
    ((fact, value),) = raw["then"].items()
    if fact not in facts_schema():
        raise RuleError(file, rid, "then", f"there is no fact '{fact}'")
    return Implication(
        id=rid,
        file=file,
        valid_from=begin,
        valid_to=end,
        when=_conditions({**defaults.get("when", {}), **raw["when"]}, file, rid, topic),
        fact=fact,
        value=value,
        replaces=frozenset(raw.get("replaces", ())),
        conflict=raw.get("conflict", ""),
        gives_way=gives_way,
        citations=citations,
        reasons=tuple(raw["reasons"]),
        review=bool(raw.get("review", any(c.confidence != "A" for c in citations))),
    )


def _conditions(raw: Mapping[str, Any], file: str, rid: str, topic: Topic) -> dict[str, Condition]:
    found: dict[str, Condition] = {}
    for name, value in raw.items():
        where = f"when.{name}"
        if name in topic.periods:
            found[name] = _between(value, "period", file, rid, where)
        elif name not in facts_schema():
            raise RuleError(file, rid, where, "is neither a fact nor a period of this topic")
        elif facts_schema()[name].kind in ("date", "number"):
            found[name] = _between(value, facts_schema()[name].kind, file, rid, where)
        else:
            found[name] = _choice(name, value, file, rid, where, topic)
    return found


def _choice(name: str, raw: Any, file: str, rid: str, where: str, topic: Topic) -> OneOf | InTable:
    negated = False
    if isinstance(raw, Mapping):
        if len(raw) != 1 or next(iter(raw)) not in ("not", "in", "not_in"):
            raise RuleError(file, rid, where, "write a value, a list, {not: …}, {in: table} or {not_in: table}")
        ((word, raw),) = raw.items()
        if word in ("in", "not_in"):
            return InTable(frozenset([raw] if isinstance(raw, str) else raw), word == "not_in")
        negated = True
    spec = facts_schema()[name]
    values: list[Any] = []
    for item in raw if isinstance(raw, list) else [raw]:
        if isinstance(item, str) and item in topic.groups.get(name, {}):
            values.extend(topic.groups[name][item])
        else:
            values.append(item)
    for value in values:
        if spec.kind == "bool" and not isinstance(value, bool):
            raise RuleError(file, rid, where, f"'{value}' is not true or false")
        if spec.kind == "code" and value not in spec.values:
            raise RuleError(file, rid, where, f"'{value}' is no value of {name}")
        if spec.kind == "country" and value not in load_countries():
            raise RuleError(file, rid, where, f"'{value}' is no ISO country code")
    return OneOf(frozenset(values), negated)


_LOWER = {"period": ("at_least",), "number": ("at_least", "over"), "date": ("from", "after")}
_UPPER = {"period": ("under",), "number": ("under", "at_most"), "date": ("before", "until")}


def _between(raw: Any, kind: str, file: str, rid: str, where: str) -> Between:
    allowed = _LOWER[kind] + _UPPER[kind]
    if not isinstance(raw, Mapping) or not raw or not set(raw) <= set(allowed):
        raise RuleError(file, rid, where, f"write a mapping with {', '.join(allowed)}")
    lower = upper = None
    for word, value in raw.items():
        try:
            cut = _cut(kind, word, value)
        except (TypeError, ValueError) as error:
            raise RuleError(file, rid, where, str(error)) from error
        if word in _LOWER[kind]:
            lower = cut
        else:
            upper = cut
    return Between(lower, upper)


def _cut(kind: str, word: str, value: Any) -> Cut:
    if kind == "period":
        duration = parse_duration(value)
        return Cut((duration.length, 0), duration)
    if kind == "number":
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise ValueError(f"'{value}' is not a number")
        return Cut((float(value), int(word in ("over", "at_most"))), value)
    if not isinstance(value, date):
        raise ValueError(f"'{value}' is not a day (write 2015-08-31)")
    if word in ("after", "until"):
        value += timedelta(days=1)
    return Cut((float(value.toordinal()), 0), value)


def _from(raw: Any, file: str, rid: str, topic: Topic) -> tuple[str, Duration] | None:
    if raw is None:
        return None
    if not isinstance(raw, Mapping) or len(raw) != 1 or next(iter(raw)) not in topic.periods:
        raise RuleError(file, rid, "from", f"write {{period: '3 months'}} with one of {', '.join(topic.periods)}")
    ((period, text),) = raw.items()
    try:
        return period, parse_duration(text)
    except ValueError as error:
        raise RuleError(file, rid, "from", str(error)) from error


def _extra(value: Any, file: str, rid: str, topic: Topic) -> Any:
    """Read one line of `extra`: {day: …} and {last_day: …} are days of the person, lists become tuples."""
    if isinstance(value, list):
        return tuple(value)
    if isinstance(value, Mapping) and set(value) in ({"day"}, {"last_day"}):
        ((word, raw),) = value.items()
        found = _from(raw, file, rid, topic)
        if found is None:
            raise RuleError(file, rid, "extra", "write {last_day: {period: '2 calendar months'}}")
        return DayOf(*found, last=word == "last_day")
    return value


def _cites(
    raw: Any, defaults: Mapping[str, Any], begin: date, end: date | None, file: str, rid: str
) -> tuple[Citation, ...]:
    if not isinstance(raw, list) or not raw:
        raise RuleError(file, rid, "cites", "at least one paragraph is needed")
    found = []
    # A list within the list is a group of citations that several rows share (a YAML anchor).
    flat = [c for item in raw for c in (item if isinstance(item, list) else [item])]
    for item in [*flat, *defaults.get("cites", ())]:
        _only_keys(item, _CITE_KEYS, file, rid)
        for key in ("law", "cite"):
            if key not in item:
                raise RuleError(file, rid, f"cites.{key}", "is missing")
        confidence = item.get("confidence", defaults.get("confidence"))
        if confidence not in ("A", "B", "C"):
            raise RuleError(file, rid, "cites.confidence", "is one of A, B, C")
        verified = item.get("verified_until", defaults.get("verified_until"))
        source = item.get("source", defaults.get("source"))
        if not source:
            raise RuleError(file, rid, "cites.source", "is missing (here or under defaults)")
        found.append(
            Citation(
                law=item["law"],
                cite=item["cite"],
                valid_from=_day(item.get("valid_from", begin), file, rid, "cites.valid_from"),
                valid_to=_open_day(item["valid_to"], file, rid, "cites.valid_to") if "valid_to" in item else end,
                verified_until=_day(verified, file, rid, "cites.verified_until"),
                confidence=confidence,
                source=source,
                **{key: frozenset(item.get(key, ())) for key in _CITE_FOR},
            )
        )
    return tuple(found)


# --- small checks ------------------------------------------------------------------------------------------


def _rule_id(raw: Any, file: str) -> str:
    if not isinstance(raw, Mapping) or not isinstance(raw.get("id"), str):
        raise RuleError(file, str(raw)[:40], "id", "every rule begins with an id")
    return str(raw["id"])


def _only_keys(raw: Mapping[str, Any], allowed: set[str], file: str, rid: str) -> None:
    for key in raw:
        if key not in allowed:
            raise RuleError(file, rid, str(key), f"is not a field here; allowed: {', '.join(sorted(allowed))}")


def _span(raw: Mapping[str, Any], file: str, rid: str) -> tuple[date, date | None]:
    begin = _day(raw["valid_from"], file, rid, "valid_from")
    end = _open_day(raw["valid_to"], file, rid, "valid_to")
    if end is not None and end < begin:
        raise RuleError(file, rid, "valid_to", "lies before valid_from")
    return begin, end


def _day(raw: Any, file: str, rid: str, field_name: str) -> date:
    if isinstance(raw, date):
        return raw
    raise RuleError(file, rid, field_name, f"'{raw}' is not a day (write 2016-02-29)")


def _open_day(raw: Any, file: str, rid: str, field_name: str) -> date | None:
    return None if raw == "open" else _day(raw, file, rid, field_name)


def _number(raw: Any, file: str, rid: str, field_name: str) -> int:
    if isinstance(raw, int) and not isinstance(raw, bool):
        return raw
    raise RuleError(file, rid, field_name, f"'{raw}' is not a whole number")


def _text(raw: Any, file: str, rid: str, field_name: str) -> str:
    if isinstance(raw, str):
        return raw
    raise RuleError(file, rid, field_name, f"'{raw}' is not text; quote it (YAML reads NO as a yes/no word)")


def all_topics() -> Iterator[Topic]:
    """Yield every topic."""
    for name in topics():
        yield load_topic(name)
