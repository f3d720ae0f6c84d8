"""Reading one site file, with faults that name the place in the file and what may stand there."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, time
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType
from typing import Any, get_args

import yaml

from office.errors import SiteDataError
from office.sites import (
    WEEKDAYS,
    Access,
    Address,
    AppointmentRules,
    Hours,
    Periods,
    Route,
    Site,
    SpecialDay,
    Town,
)

UNKNOWN = "unknown"
_KEYS = (
    *(
        "id",
        "name",
        "county",
        "main_town",
        "towns",
        "outposts",
        "address",
        "email",
        "employer_email",
        "phone",
    ),
    *(
        "hours",
        "appointments",
        "languages",
        "interpreters",
        "access",
        "notes",
        "as_of",
        "confirmed_on",
        "source",
    ),
)
_PERIOD = re.compile(r"^(\d\d):(\d\d)-(\d\d):(\d\d)$")
_EMAIL = re.compile(r"^[^\s@<>]+@[^\s@<>]+\.[A-Za-z]{2,}$")
_CODE = re.compile(r"^[a-z][a-z0-9_]*$")


class _Loader(yaml.BaseLoader):
    """Everything stays as typed: 10:30 is no number, `no` no truth value, 2016-02-30 no crash."""


def _mapping(loader: _Loader, node: yaml.MappingNode) -> dict[str, Any]:
    pairs: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key = str(loader.construct_object(key_node, deep=True))
        if key in pairs:
            raise yaml.constructor.ConstructorError(None, None, f"{key!r} stands here twice", key_node.start_mark)
        pairs[key] = loader.construct_object(value_node, deep=True)
    return pairs


_Loader.add_constructor("tag:yaml.org,2002:map", _mapping)


class _Faults:
    """Collects faults while reading on, so that a clerk sees all of them at once."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.list: list[str] = []

    def add(self, place: str, sentence: str) -> None:
        self.list.append(f"{self.file}: {place}: {sentence}")


def read_site(path: Path) -> Site:
    """Read one file; raises SiteDataError with every fault found in it."""
    faults = _Faults(path.name)
    try:
        # _Loader is yaml's BaseLoader: it makes strings, lists and dictionaries, nothing else.
        raw = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506
    except UnicodeDecodeError as error:
        raise SiteDataError([f"{path.name}: save the file as UTF-8; byte {error.start + 1} is not."]) from None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise SiteDataError([f"{path.name}: line {line}: {error.problem}."]) from None
    if not isinstance(raw, dict):
        raise SiteDataError([f"{path.name}: the file must hold entries like 'name: …'."])
    for key in raw:
        if key not in _KEYS:
            faults.add(key, f"there is no such entry; there are: {', '.join(_KEYS)}.")
    for key in _KEYS:
        if key not in raw:
            faults.add(key, f"is missing; write '{key}: {UNKNOWN}' if it is not known.")
            raw[key] = UNKNOWN
    site = _site(raw, path.stem, faults)
    if faults.list:
        raise SiteDataError(faults.list)
    return site


def _site(raw: dict[str, Any], stem: str, faults: _Faults) -> Site:
    if raw["id"] != stem:
        faults.add("id", f"is {raw['id']!r} but the file is called {stem}.yml; they must be the same.")
    if not _CODE.match(str(raw["id"])):
        faults.add("id", "use small letters a–z, digits and _ only.")
    towns = _towns(raw["towns"], faults)
    names = {town.name for town in towns}
    main_town = _needed(raw, "main_town", faults)
    outposts = _list_of("outposts", raw["outposts"], faults) or ()
    for place, town in [("main_town", main_town), *(("outposts", outpost) for outpost in outposts)]:
        if town and town not in names:
            faults.add(place, f"{town!r} is not among the towns.")
    hours = _hours(raw["hours"], faults)
    appointments = _appointments(raw["appointments"], faults)
    if appointments and hours is None and raw["hours"] == UNKNOWN:
        faults.add("appointments", f"cannot be given while the hours are unknown; write '{UNKNOWN}'.")
    return Site(
        id=str(raw["id"]),
        name=_needed(raw, "name", faults),
        county=_needed(raw, "county", faults),
        towns=towns,
        main_town=main_town,
        outposts=outposts,
        address=_address(raw["address"], faults),
        email=_list_of("email", raw["email"], faults, _EMAIL, "an e-mail address") or (),
        employer_email=_list_of("employer_email", raw["employer_email"], faults, _EMAIL, "an e-mail address") or (),
        phone=_optional(raw, "phone", faults),
        hours=hours,
        appointments=appointments,
        languages=_list_of("languages", raw["languages"], faults, _CODE, "a language code like ar or de"),
        interpreters=_list_of("interpreters", raw["interpreters"], faults, _CODE, "a language code like ar or de"),
        access=_access(raw["access"], faults),
        notes=_list_of("notes", raw["notes"], faults, _CODE, "a code of small letters") or (),
        as_of=_date("as_of", raw["as_of"], faults) or _missing_date("as_of", raw["as_of"], faults),
        confirmed_on=_date("confirmed_on", raw["confirmed_on"], faults),
        source=_needed(raw, "source", faults),
    )


def _needed(raw: dict[str, Any], key: str, faults: _Faults) -> str:
    value = _optional(raw, key, faults)
    if value is None:
        if not any(f" {key}: " in fault for fault in faults.list):
            faults.add(key, "must be known.")
        return ""
    return value


def _optional(raw: dict[str, Any], key: str, faults: _Faults) -> str | None:
    value = raw[key]
    if value == UNKNOWN:
        return None
    if not isinstance(value, str) or not value.strip():
        faults.add(key, f"must be one line of text, or '{UNKNOWN}'.")
        return None
    return value.strip()


def _list_of(
    place: str, raw: Any, faults: _Faults, pattern: re.Pattern[str] | None = None, what: str = "text"
) -> tuple[str, ...] | None:
    """Return the entries; None where the file says 'unknown' (an empty list: known that there are none)."""
    if raw == UNKNOWN:
        return None
    if not isinstance(raw, list) or not all(isinstance(item, str) for item in raw):
        faults.add(place, f"must be a list, or '{UNKNOWN}'.")
        return None
    for item in raw:
        if pattern and not pattern.match(item):
            faults.add(place, f"{item!r} is not {what}.")
    return tuple(raw)


def _section(place: str, raw: Any, keys: str, faults: _Faults) -> dict[str, Any] | None:
    """Return a block whose keys are all there and no others; None if it is unknown or not a block."""
    if raw == UNKNOWN:
        return None
    wanted = keys.split()
    if not isinstance(raw, dict):
        faults.add(place, f"must have the entries {', '.join(wanted)}, or be '{UNKNOWN}'.")
        return None
    wrong = [key for key in raw if key not in wanted]
    missing = [key for key in wanted if key not in raw]
    for key in wrong:
        faults.add(f"{place}: {key}", f"there is no such entry; there are: {', '.join(wanted)}.")
    for key in missing:
        faults.add(f"{place}: {key}", "is missing.")
    return None if wrong or missing else raw


def _towns(raw: Any, faults: _Faults) -> tuple[Town, ...]:
    if not isinstance(raw, dict) or not raw:
        faults.add("towns", "must have one entry for each town, like 'Hilden: [هيلدن]' or 'Hilden: []'.")
        return ()
    return tuple(Town(name, _list_of(f"towns: {name}", spellings, faults) or ()) for name, spellings in raw.items())


def _address(raw: Any, faults: _Faults) -> Address | None:
    block = _section("address", raw, "street postcode city", faults)
    if block is None:
        return None
    if not re.fullmatch(r"\d{5}", str(block["postcode"])):
        faults.add("address: postcode", f"{block['postcode']!r} is not a postcode of five digits.")
    return Address(str(block["street"]), str(block["postcode"]), str(block["city"]))


def _hours(raw: Any, faults: _Faults) -> Hours | None:
    block = _section("hours", raw, "weekly by_appointment special", faults)
    if block is None:
        return None
    week = _section("hours: weekly", block["weekly"], " ".join(WEEKDAYS), faults)
    if week is None:
        if block["weekly"] == UNKNOWN:
            faults.add("hours: weekly", f"must be known; otherwise write 'hours: {UNKNOWN}'.")
        return None
    weekly = tuple(_periods(f"hours: weekly: {day}", week[day], faults) for day in WEEKDAYS)
    by_appointment = _list_of("hours: by_appointment", block["by_appointment"], faults) or ()
    for day in by_appointment:
        if day not in WEEKDAYS:
            faults.add("hours: by_appointment", f"{day!r} is not one of {', '.join(WEEKDAYS)}.")
    days = frozenset(WEEKDAYS.index(day) for day in by_appointment if day in WEEKDAYS)
    return Hours(weekly, days, _special(block["special"], faults))


def _special(raw: Any, faults: _Faults) -> Mapping[date, SpecialDay]:
    if not isinstance(raw, dict):
        faults.add("hours: special", "must be {} or entries like '2027-12-24: closed'.")
        return {}
    days: dict[date, SpecialDay] = {}
    for text, value in raw.items():
        day = _date(f"hours: special: {text}", text, faults)
        if day is not None:
            days[day] = SpecialDay(_periods(f"hours: special: {text}", value, faults))
    return MappingProxyType(days)


def _periods(place: str, raw: Any, faults: _Faults) -> Periods:
    if raw == "closed":
        return ()
    if not isinstance(raw, list) or not raw:
        faults.add(place, 'must be \'closed\' or a list of times like ["08:30-12:00", "13:00-16:00"].')
        return ()
    periods = [period for text in raw for period in _period(place, text, faults)]
    for (_, end), (start, _) in pairwise(periods):
        if start < end:
            faults.add(place, "the times must follow each other and not overlap.")
    return tuple(periods)


def _period(place: str, text: Any, faults: _Faults) -> Iterator[tuple[time, time]]:
    found = _PERIOD.match(str(text))
    if not found:
        faults.add(place, f'{text!r} is not a time from–to like "08:30-13:30".')
        return
    try:
        start, end = (time(int(found[i]), int(found[i + 1])) for i in (1, 3))
    except ValueError:
        faults.add(place, f"{text!r} has an hour above 23 or a minute above 59.")
        return
    if start >= end:
        faults.add(place, f"{text!r} ends before it begins.")
        return
    yield start, end


def _number(place: str, raw: Any, low: int, high: int, faults: _Faults) -> int:
    if isinstance(raw, str) and raw.isdecimal() and low <= int(raw) <= high:
        return int(raw)
    faults.add(place, f"{raw!r} is not a whole number from {low} to {high}.")
    return low


def _appointments(raw: Any, faults: _Faults) -> AppointmentRules | None:
    block = _section("appointments", raw, "length_minutes notice_hours horizon_weeks counters", faults)
    if block is None:
        return None
    number: Callable[[str, int, int], int] = lambda key, low, high: _number(  # noqa: E731
        f"appointments: {key}", block[key], low, high, faults
    )
    length = number("length_minutes", 15, 240)
    if length % 15:
        faults.add("appointments: length_minutes", f"{length} is not a multiple of 15.")
    return AppointmentRules(
        length, number("notice_hours", 0, 336), number("horizon_weeks", 1, 26), number("counters", 1, 50)
    )


def _access(raw: Any, faults: _Faults) -> Access:
    block = _section("access", raw, "route through groups compulsory_since max_months", faults)
    if block is None:
        if raw == UNKNOWN:
            faults.add("access", "must be known: people must not be sent to a door that is closed to them.")
        return Access("direct", (), (), None, None)
    if block["route"] not in get_args(Route):
        faults.add("access: route", f"{block['route']!r} is not one of {', '.join(get_args(Route))}.")
    through, groups = (
        _list_of(f"access: {key}", block[key], faults, _CODE, "a code of small letters") or ()
        for key in ("through", "groups")
    )
    if block["route"] == "referral" and not through:
        faults.add("access: through", "name the offices that send people here.")
    months = None
    if block["max_months"] not in (UNKNOWN, "none"):
        months = _number("access: max_months", block["max_months"], 1, 60, faults)
    since = block["compulsory_since"]
    return Access(
        block["route"],
        through,
        groups,
        None if since == "none" else _date("access: compulsory_since", since, faults),
        months,
    )


def _date(place: str, raw: Any, faults: _Faults) -> date | None:
    if raw == UNKNOWN:
        return None
    try:
        return date.fromisoformat(str(raw))
    except ValueError:
        faults.add(place, f"{raw!r} is not a day that exists; write it like 2027-12-24.")
        return None


def _missing_date(place: str, raw: Any, faults: _Faults) -> date:
    if raw == UNKNOWN and not any(f" {place}: is missing" in fault for fault in faults.list):
        faults.add(place, "must be known: say on which day the data were true.")
    return date.min
