"""From what a person said to the facts of the law: durations to dates, months to ranges."""

from __future__ import annotations

import calendar as months
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from actions.context import Turn
from eligibility import drop_dependents, facts_schema, in_table

UNKNOWN = "unknown"
# What the ear hears under another name than the law's fact.
HEARD_AS = {"country": "nationality", "language_level": "german_level"}
# An entity of the ear that is coarser than the fact's values is said by its nearest value.
COARSE = {"internship": "internship_other"}
# These papers say by themselves since when they are held, so a bare duration beside them means 'held since'.
SINCE_PAPER = "status_since"
TIME_ENTITIES = ("day", "month", "year", "duration", "duration_days")
PAPER, NATIONALITY = "residence_status", "nationality"
# Papers that allow little by themselves: heard in free words they are taken as said. Whatever else is heard may end in a 'yes', and a
# paper refused, hoped for, held once or held by a brother sounds the same: it counts only once the person has confirmed it.
MODEST_PAPERS = frozenset(
    {"duldung", "aufenthaltsgestattung", "ankunftsnachweis", "buema", "aufenthaltserlaubnis", "none", "visa"}
)
# Hints that a paper may be somebody else's, or not be held (any more, or yet).
DOUBTS = frozenset({"kin", "if", "over"})
# Whoever speaks of a client is the helper, not the one who works.
HELPS = "who:client"
# … and that a time belongs to something else.
OTHER_TIMES = frozenset({"span", "kin", "if"})
SHORT_ANSWER = 5  # words of a message that may be a bare answer (bot/nlu/entity_extractor.py says the same)
FEW_WORDS = 4
# Nationals of the Union and its neighbours may work without more: like a strong paper, only when confirmed.
FREE_TO_MOVE = "eu_free_movement"


@dataclass
class Heard:
    """What one message tells: exact values, and date facts known only as [earliest, latest]."""

    exact: dict[str, Any] = field(default_factory=dict)
    ranges: dict[str, tuple[date, date]] = field(default_factory=dict)
    unconfirmed: dict[str, Any] = field(default_factory=dict)
    """Values that count only once the person has said yes to them."""
    denied: frozenset[str] = frozenset()
    """Papers the person says not to hold."""
    still_to_come: bool = False
    """A time was named that lies after today; no fact of the law may."""


def back(day: date, count: int) -> date:
    """Return the same day `count` months earlier, or that month's last day (§ 188 Abs. 3 BGB)."""
    year, month = divmod(day.year * 12 + day.month - 1 - count, 12)
    return date(year, month + 1, min(day.day, months.monthrange(year, month + 1)[1]))


def is_date_fact(name: str | None) -> bool:
    """Return whether the law knows `name` as a date."""
    spec = facts_schema().get(name or "")
    return spec is not None and spec.kind == "date"


def span(turn: Turn) -> tuple[date, date] | None:
    """Return the days a message may mean as [earliest, latest]; None if it names no time that has come.

    'for 5 months' is anything from five to just under six months ago; '2024-03' any day of that month.
    """
    for entity, read in (("day", _day), ("month", _month), ("year", _year)):
        found = turn.entity(entity)
        if found and (result := read(found, turn.today)):
            return result
    return _duration(turn.entity("duration"), turn.entity("duration_days"), turn.today)


def _day(value: str, today: date) -> tuple[date, date] | None:
    named = {"today": today, "yesterday": today - timedelta(days=1)}
    day = named.get(value) or _iso(value)
    return (day, day) if day else None


def _month(value: str, today: date) -> tuple[date, date] | None:
    first = _iso(f"{value}-01")
    if first is None:
        return None
    return first, min(first.replace(day=months.monthrange(first.year, first.month)[1]), max(today, first))


def _year(value: str, today: date) -> tuple[date, date] | None:
    first = _iso(f"{value}-01-01")
    return (first, min(first.replace(month=12, day=31), max(today, first))) if first else None


def _duration(whole_months: str | None, days: str | None, today: date) -> tuple[date, date] | None:
    if days and days.isdecimal():
        count = int(days)
        # 'three weeks' may be up to a week more, 'ten days' means ten days
        slack = 6 if count and count % 7 == 0 else 0
        return _ago(today, timedelta(days=count + slack)), _ago(today, timedelta(days=count))
    if whole_months and whole_months.isdecimal() and int(whole_months) < 1200:
        count = int(whole_months)
        return back(today, count + 1) + timedelta(days=1), back(today, count)
    return None


def _ago(today: date, age: timedelta) -> date:
    try:
        return today - age
    except OverflowError:
        return date.min


def _iso(value: str) -> date | None:
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def hear(turn: Turn, *, answering: str | None) -> Heard:
    """Return the facts of a message; `answering` is the fact that was asked, None if none was.

    Buttons name their fact. Free words are read as the fact they can only mean; a time without a name answers
    the date that was asked, or says since when a paper is held if this or an earlier message names the paper.
    """
    heard = Heard(denied=frozenset(hint.removeprefix("denied:") for hint in turn.hints if hint.startswith("denied:")))
    schema = facts_schema()
    for entity, values in turn.entities.items():
        name = HEARD_AS.get(entity, entity)
        spec = schema.get(name)
        if spec is None or not values:
            continue
        if turn.free and name == "activity" and values[0] == "volunteering" and HELPS in turn.hints:
            continue  # 'I am a volunteer, may my client work?'
        if turn.free and name in (PAPER, NATIONALITY):
            _heard_freely(heard, turn, name, values, answering)
        else:
            _put(heard, name, spec.kind, COARSE.get(values[0], values[0]) if name == "activity" else values[0])
    since = span(turn)
    if since is not None:
        heard.still_to_come = since[0] > turn.today
        name = None if heard.still_to_come else _which_date(turn, answering, heard)
        if name and name not in heard.exact:
            _put_span(heard, name, since)
    if answering and answering not in heard.exact and answering not in heard.ranges:
        _free_answer(heard, turn, answering)
    return heard


def _heard_freely(heard: Heard, turn: Turn, name: str, values: list[str], answering: str | None) -> None:
    """Take a paper or a nationality from free words: at once, only after a yes, or not at all (then it is asked)."""
    words = len(turn.text.split())
    known_as = turn.memory.facts.get(name)
    changed = known_as not in (None, UNKNOWN, values[0])
    if name == NATIONALITY:
        own = [value for value in values if f"own:{value}" in turn.hints]
        if answering != NATIONALITY:
            # 'my diploma is from Poland', 'we lived in Turkey': only a country that is said to be one's own
            values = own or (values if words <= FEW_WORDS else [])
        elif own:
            values = own
        free = any(in_table(FREE_TO_MOVE, value, turn.today) for value in values)
        sure = len(values) == 1 and "kin" not in turn.hints and (answering == name or not (free or changed))
    else:
        doubtful = bool(turn.hints & DOUBTS)
        asked = answering == PAPER and (words <= SHORT_ANSWER or not doubtful)
        sure = len(values) == 1 and (asked or (values[0] in MODEST_PAPERS and not doubtful and not changed))
    if len(values) != 1:
        return
    if sure:
        _put(heard, name, "code", values[0])
    elif turn.memory.facts.get(name) != values[0]:
        heard.unconfirmed[name] = values[0]


def _which_date(turn: Turn, answering: str | None, heard: Heard) -> str | None:
    if is_date_fact(answering):
        return answering
    if turn.free and ("since" not in turn.hints or turn.hints & OTHER_TIMES or len(_times(turn)) > 1):
        # 'three years as a cook', 'my son is five', 'a contract for six months': not how long the paper is held
        return None
    if PAPER in heard.exact or PAPER in heard.unconfirmed or PAPER in turn.memory.facts:
        return SINCE_PAPER
    return None


def _times(turn: Turn) -> set[str]:
    """Return the times a message names, each once (days and months of one duration are one)."""
    return {value for name in ("duration", "day", "month", "year") for value in turn.entities.get(name, ())}


def _put(heard: Heard, name: str, kind: str, value: str) -> None:
    if value == UNKNOWN or kind in ("code", "country"):
        heard.exact[name] = value
    elif kind == "bool":
        heard.exact[name] = {"true": True, "false": False}.get(value, value)
    elif kind == "number":
        heard.exact[name] = int(value) if value.isdecimal() else value
    else:
        heard.exact[name] = value


def _put_span(heard: Heard, name: str, since: tuple[date, date]) -> None:
    if since[0] == since[1]:
        heard.exact[name] = since[0].isoformat()
    else:
        heard.ranges[name] = since


def _free_answer(heard: Heard, turn: Turn, answering: str) -> None:
    """Read a bare number as the number that was asked; `duration` as the number of months that was asked."""
    spec = facts_schema().get(answering)
    if spec is None or spec.kind != "number":
        return
    if answering.endswith("_months") and (said := turn.entity("duration")) and said.isdecimal():
        heard.exact[answering] = int(said)
    elif found := re.search(r"\d{1,3}", turn.text):
        heard.exact[answering] = int(found.group())


def learn(turn: Turn, heard: Heard) -> list[str]:
    """Put what was heard into the memory and return the names that changed.

    A fact that changes takes the answers that hung on it along (they will be asked anew).
    """
    memory = turn.memory
    changed: list[str] = []
    if memory.facts.get(PAPER) in heard.denied and PAPER not in heard.exact:
        forget(turn, PAPER)
        changed.append(PAPER)
    unconfirmed = {name: value for name, value in memory.unconfirmed.items() if name not in heard.exact}
    memory.unconfirmed = {
        name: value for name, value in {**unconfirmed, **heard.unconfirmed}.items() if value not in heard.denied
    }
    changed += heard.unconfirmed
    for name, value in heard.exact.items():
        if memory.facts.get(name) != value or name in memory.approximate:
            changed.append(name)
        memory.approximate.pop(name, None)
    for name, (earliest, latest) in heard.ranges.items():
        changed.append(name)
        memory.approximate[name] = [earliest.isoformat(), latest.isoformat()]
    before = memory.facts
    kept = before
    for name in [name for name in changed if name not in heard.unconfirmed]:
        if name in before:
            kept = dict(drop_dependents(kept, name))
    new = dict(heard.exact)
    new |= {name: latest.isoformat() for name, (_, latest) in heard.ranges.items()}
    memory.facts = {**kept, **new}
    _forget_stale_ranges(memory.approximate, memory.facts)
    return changed


def forget(turn: Turn, name: str) -> None:
    """Forget one fact and what hung on it."""
    facts = {k: v for k, v in turn.memory.facts.items() if k != name}
    turn.memory.facts = dict(drop_dependents(facts, name))
    _forget_stale_ranges(turn.memory.approximate, turn.memory.facts)


def _forget_stale_ranges(approximate: dict[str, list[str]], facts: Mapping[str, Any]) -> None:
    for name in list(approximate):
        if name not in facts or facts[name] == UNKNOWN:
            del approximate[name]


def for_the_law(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return the facts of the law with dates as dates, as `eligibility` takes them."""
    schema = facts_schema()
    result: dict[str, Any] = {}
    for name, value in facts.items():
        spec = schema.get(name)
        if spec is None:
            continue
        day = _iso(value) if spec.kind == "date" and isinstance(value, str) and value != UNKNOWN else None
        result[name] = day or value
    return result
