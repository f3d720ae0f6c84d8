"""Reading one calendar file, with faults that name the place in the file and what may stand there."""

import re
from collections.abc import Iterator, Mapping
from datetime import date, time
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

from office.calendars import ALL_MEANS, Calendar, Member
from office.data_files import StringLoader
from office.errors import SiteDataError
from office.sites import WEEKDAYS, AppointmentRules, Periods
from office.tables import Gender, Means

HOURS, COUNTERS, UNKNOWN = "hours", "counters", "unknown"
KEYS = ("site", "means", "buffer_minutes", "lengths", "appointments", "advisers", "rooms", "interpreters")
MEMBER_KEYS = ("languages", "gender", "means", "weekly", "exceptions")
RULE_KEYS = ("length_minutes", "notice_hours", "horizon_weeks")
QUARTER = 15
MOST_MEMBERS = 200
_CODE = re.compile(r"^[a-z][a-z0-9_]*$")
_PERIOD = re.compile(r"^(\d\d):(\d\d)-(\d\d):(\d\d)$")


class _Reader:
    """Collects faults while reading on, so that a clerk sees all of them at once."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.faults: list[str] = []

    def fault(self, place: str, sentence: str) -> None:
        self.faults.append(f"{self.file}: {place}: {sentence}")

    def block(self, place: str, raw: Any, keys: tuple[str, ...] | None = None) -> dict[str, Any]:
        """Return a block of entries; with `keys`, only those are allowed."""
        if not isinstance(raw, dict):
            self.fault(place, "must hold entries like 'name: …'.")
            return {}
        for key in raw:
            if keys is not None and key not in keys:
                self.fault(f"{place}: {key}", f"there is no such entry; there are: {', '.join(keys)}.")
        return raw

    def number(self, place: str, raw: Any, low: int, high: int) -> int:
        if isinstance(raw, str) and raw.isdecimal() and low <= int(raw) <= high:
            return int(raw)
        self.fault(place, f"{raw!r} is not a whole number from {low} to {high}.")
        return low

    def codes(self, place: str, raw: Any) -> tuple[str, ...]:
        if not isinstance(raw, list):
            self.fault(place, "must be a list like [ar, fa].")
            return ()
        for item in raw:
            if not isinstance(item, str) or not _CODE.match(item):
                self.fault(place, f"{item!r} is not a code of small letters.")
        return tuple(str(item) for item in raw)

    def means(self, place: str, raw: Any) -> tuple[Means, ...]:
        said = self.codes(place, raw)
        for item in said:
            if item not in ALL_MEANS:
                self.fault(place, f"{item!r} is not one of {', '.join(ALL_MEANS)}.")
        return tuple(one for one in ALL_MEANS if one in said)

    def periods(self, place: str, raw: Any) -> Periods:
        if raw == "closed":
            return ()
        if not isinstance(raw, list) or not raw:
            self.fault(place, 'must be \'closed\' or a list of times like ["08:30-12:00", "13:00-16:00"].')
            return ()
        periods = [period for text in raw for period in self._period(place, text)]
        for (_, end), (start, _) in pairwise(periods):
            if start < end:
                self.fault(place, "the times must follow each other and not overlap.")
        return tuple(periods)

    def _period(self, place: str, text: Any) -> Iterator[tuple[time, time]]:
        found = _PERIOD.match(str(text))
        if not found:
            self.fault(place, f'{text!r} is not a time from–to like "08:30-13:30".')
            return
        try:
            start, end = (time(int(found[i]), int(found[i + 1])) for i in (1, 3))
        except ValueError:
            self.fault(place, f"{text!r} has an hour above 23 or a minute above 59.")
            return
        if start >= end:
            self.fault(place, f"{text!r} ends before it begins.")
            return
        yield start, end

    def day(self, place: str, raw: str) -> date | None:
        try:
            return date.fromisoformat(raw)
        except ValueError:
            self.fault(place, f"{raw!r} is not a day that exists; write it like 2027-12-24.")
            return None


def read_calendar(path: Path) -> Calendar:
    """Read one file; raises SiteDataError with every fault found in it."""
    reader = _Reader(path.name)
    try:
        # StringLoader is yaml's BaseLoader: it makes strings, lists and dictionaries, nothing else.
        raw = yaml.load(path.read_text(encoding="utf-8"), Loader=StringLoader)  # noqa: S506
    except UnicodeDecodeError as error:
        raise SiteDataError([f"{path.name}: save the file as UTF-8; byte {error.start + 1} is not."]) from None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise SiteDataError([f"{path.name}: line {line}: {error.problem}."]) from None
    calendar = _calendar(reader.block("the file", raw, KEYS), path.stem, reader)
    if reader.faults:
        raise SiteDataError(reader.faults)
    return calendar


def _calendar(raw: dict[str, Any], stem: str, reader: _Reader) -> Calendar:
    if raw.get("site") != stem:
        reader.fault("site", f"is {raw.get('site')!r} but the file is called {stem}.yml; they must be the same.")
    means = reader.means("means", raw.get("means", ["on_site"]))
    if not means:
        reader.fault("means", f"name at least one of {', '.join(ALL_MEANS)}.")
    advisers = raw.get("advisers", COUNTERS)
    buffer = _quarters("buffer_minutes", raw.get("buffer_minutes", "0"), 0, 120, reader)
    return Calendar(
        site=stem,
        means=means,
        buffer_minutes=buffer,
        lengths=_lengths(raw.get("lengths", {}), reader),
        rules=_rules(raw.get("appointments"), reader),
        advisers=None if advisers == COUNTERS else _members("advisers", advisers, reader),
        rooms=_members("rooms", raw.get("rooms", []), reader),
        interpreters=_interpreters(raw.get("interpreters", []), reader),
    )


def _quarters(place: str, raw: Any, low: int, high: int, reader: _Reader) -> int:
    minutes = reader.number(place, raw, low, high)
    if minutes % QUARTER:
        reader.fault(place, f"{minutes} is not a multiple of {QUARTER}.")
    return minutes


def _lengths(raw: Any, reader: _Reader) -> Mapping[str, int]:
    block = reader.block("lengths", raw)
    for topic in block:
        if not _CODE.match(topic):
            reader.fault(f"lengths: {topic}", "a topic is a code of small letters.")
    return MappingProxyType({t: _quarters(f"lengths: {t}", value, 15, 240, reader) for t, value in block.items()})


def _rules(raw: Any, reader: _Reader) -> AppointmentRules | None:
    if raw is None:
        return None
    block = reader.block("appointments", raw, RULE_KEYS)
    missing = [key for key in RULE_KEYS if key not in block]
    for key in missing:
        reader.fault(f"appointments: {key}", "is missing.")
    if missing:
        return None
    return AppointmentRules(
        _quarters("appointments: length_minutes", block["length_minutes"], 15, 240, reader),
        reader.number("appointments: notice_hours", block["notice_hours"], 0, 336),
        reader.number("appointments: horizon_weeks", block["horizon_weeks"], 1, 26),
        counters=0,
    )


def _interpreters(raw: Any, reader: _Reader) -> tuple[Member, ...]:
    members = _members("interpreters", raw, reader)
    for member in members:
        if not member.languages:
            reader.fault(f"interpreters: {member.handle}", "name the languages, like 'languages: [ar]'.")
    return members


def _members(place: str, raw: Any, reader: _Reader) -> tuple[Member, ...]:
    if raw == []:
        return ()
    block = reader.block(place, raw)
    if len(block) > MOST_MEMBERS:
        reader.fault(place, f"has {len(block)} entries; {MOST_MEMBERS} is the most.")
    return tuple(_member(f"{place}: {handle}", handle, entries, reader) for handle, entries in block.items())


def _member(place: str, handle: str, raw: Any, reader: _Reader) -> Member:
    if not _CODE.match(handle):
        reader.fault(place, "use small letters a–z, digits and _ only, and no person's name.")
    block = reader.block(place, {} if raw in ("", None) else raw, MEMBER_KEYS)
    return Member(
        handle=handle,
        languages=reader.codes(f"{place}: languages", block.get("languages", [])),
        gender=_gender(f"{place}: gender", block.get("gender", UNKNOWN), reader),
        means=reader.means(f"{place}: means", block["means"]) if "means" in block else None,
        weekly=_weekly(f"{place}: weekly", block.get("weekly", HOURS), reader),
        exceptions=_exceptions(f"{place}: exceptions", block.get("exceptions", {}), reader),
    )


def _gender(place: str, raw: Any, reader: _Reader) -> Gender | None:
    if raw not in ("f", "m", UNKNOWN):
        reader.fault(place, f"{raw!r} is not one of f, m, {UNKNOWN}.")
    return "f" if raw == "f" else "m" if raw == "m" else None


def _weekly(place: str, raw: Any, reader: _Reader) -> tuple[Periods, ...] | None:
    if raw == HOURS:
        return None
    block = reader.block(place, raw, WEEKDAYS)
    for day in WEEKDAYS:
        if block and day not in block:
            reader.fault(f"{place}: {day}", "is missing; write 'closed' if there is no time on this day.")
    return tuple(reader.periods(f"{place}: {day}", block.get(day, "closed")) for day in WEEKDAYS)


def _exceptions(place: str, raw: Any, reader: _Reader) -> Mapping[date, Periods]:
    found: dict[date, Periods] = {}
    for text, value in reader.block(place, raw).items():
        day = reader.day(f"{place}: {text}", text)
        if day is not None:
            found[day] = reader.periods(f"{place}: {text}", value)
    return MappingProxyType(found)
