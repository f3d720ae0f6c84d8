"""Reading one site's folder, with faults that name the place in the file and what may stand there."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, time
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType
from typing import Any, get_args

from office import data_files as files
from office import site_words as words
from office.data_files import CODE, COUNTRY, EMAIL, UNKNOWN, Faults
from office.errors import SiteDataError
from office.site_papers import read_consent, read_handover, read_intake
from office.sites import (
    WEEKDAYS,
    Access,
    Address,
    AppointmentRules,
    Coordinates,
    Hours,
    Periods,
    Route,
    Site,
    SpecialDay,
    Town,
)

FILES = ("site.yml", "intake.yml", "consent.yml", "handover.yml")
BY_APPOINTMENT = "by appointment"
_KEYS = (
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
    "coordinates",
    "hours",
    "appointments",
    "languages",
    "interpreters",
    "access",
    "services",
    "benefits",
    "employers",
    "house",
    "as_of",
    "confirmed_on",
    "source",
)
_PERIOD = re.compile(r"^(\d\d):(\d\d)-(\d\d):(\d\d)$")
_DEGREES = re.compile(r"^-?\d{1,3}\.\d{2,7}$")
MIDNIGHT = "24:00"


def read_site(folder: Path) -> Site:
    """Read one site's folder; raises SiteDataError with every fault found in its files."""
    faults = [
        f"{folder.name}/{path.name}: there is no such file; there are: {', '.join(FILES)}."
        for path in sorted(folder.iterdir())
        if path.name not in FILES and path.suffix in (".yml", ".yaml")
    ]
    found: dict[str, Any] = {}
    readers = {"site": _read_site, "intake": read_intake, "consent": read_consent, "handover": read_handover}
    for name, read in readers.items():
        try:
            found[name] = read(folder / f"{name}.yml")
        except SiteDataError as error:
            faults += error.faults
    if faults:
        raise SiteDataError(faults)
    site: Site = found["site"]
    return replace(site, intake=found["intake"], consent=found["consent"], handover=found["handover"])


def _read_site(path: Path) -> Site:
    file = f"{path.parent.name}/{path.name}"
    faults = Faults(file)
    raw = files.load_yaml(path, file, _KEYS, faults)
    site = _site(raw, path.parent.name, faults)
    if faults.list:
        raise SiteDataError(faults.list)
    return site


def _site(raw: dict[str, Any], stem: str, faults: Faults) -> Site:
    if raw["id"] != stem:
        faults.add("id", f"is {raw['id']!r} but the folder is called {stem}; they must be the same.")
    if not CODE.match(str(raw["id"])):
        faults.add("id", "use small letters a–z, digits and _ only.")
    towns = _towns(raw["towns"], faults)
    names = {town.name for town in towns}
    main_town = files.needed(raw, "main_town", faults)
    outposts = files.list_of("outposts", raw["outposts"], faults) or ()
    for place, town in [("main_town", main_town), *(("outposts", outpost) for outpost in outposts)]:
        if town and town not in names:
            faults.add(place, f"{town!r} is not among the towns.")
    hours = _hours(raw["hours"], faults)
    appointments = _appointments(raw["appointments"], faults)
    if appointments and hours is None and raw["hours"] == UNKNOWN:
        faults.add("appointments", f"cannot be given while the hours are unknown; write '{UNKNOWN}'.")
    return Site(
        id=str(raw["id"]),
        name=files.needed(raw, "name", faults),
        county=files.needed(raw, "county", faults),
        towns=towns,
        main_town=main_town,
        outposts=outposts,
        address=_address(raw["address"], faults),
        email=files.list_of("email", raw["email"], faults, EMAIL, "an e-mail address") or (),
        employer_email=files.list_of("employer_email", raw["employer_email"], faults, EMAIL, "an e-mail address") or (),
        phone=files.optional(raw, "phone", faults),
        coordinates=_coordinates(raw["coordinates"], faults),
        hours=hours,
        appointments=appointments,
        languages=files.list_of("languages", raw["languages"], faults, CODE, "a language code like ar or de"),
        interpreters=files.list_of("interpreters", raw["interpreters"], faults, CODE, "a language code like ar or de"),
        access=_access(raw["access"], faults),
        services=files.codes("services", raw["services"], words.SERVICES, faults) or (),
        benefits=files.code("benefits", raw["benefits"], words.BENEFITS, faults),
        employers=files.codes("employers", raw["employers"], words.EMPLOYERS, faults) or (),
        house=_house(raw["house"], faults),
        as_of=files.known_day("as_of", raw["as_of"], faults),
        confirmed_on=files.day("confirmed_on", raw["confirmed_on"], faults),
        source=files.needed(raw, "source", faults),
    )


def _towns(raw: Any, faults: Faults) -> tuple[Town, ...]:
    if not isinstance(raw, dict) or not raw:
        faults.add("towns", "must have one entry for each town, like 'Hilden: [هيلدن]' or 'Hilden: []'.")
        return ()
    return tuple(
        Town(name, files.list_of(f"towns: {name}", spellings, faults) or ()) for name, spellings in raw.items()
    )


def _address(raw: Any, faults: Faults) -> Address | None:
    block = files.section("address", raw, "street postcode city", faults)
    if block is None:
        return None
    if not re.fullmatch(r"\d{5}", str(block["postcode"])):
        faults.add("address: postcode", f"{block['postcode']!r} is not a postcode of five digits.")
    return Address(str(block["street"]), str(block["postcode"]), str(block["city"]))


def _house(raw: Any, faults: Faults) -> Mapping[str, bool]:
    block = files.section("house", raw, "has has_not", faults)
    if block is None:
        return {}
    has = files.codes("house: has", block["has"], words.HOUSE, faults) or ()
    has_not = files.codes("house: has_not", block["has_not"], words.HOUSE, faults) or ()
    for both in sorted({*has} & {*has_not}):
        faults.add("house", f"{both!r} stands in 'has' and in 'has_not'.")
    return MappingProxyType(dict.fromkeys(has, True) | dict.fromkeys(has_not, False))


def _hours(raw: Any, faults: Faults) -> Hours | None:
    block = files.section("hours", raw, "weekly by_appointment special", faults)
    if block is None:
        return None
    week = files.section("hours: weekly", block["weekly"], " ".join(WEEKDAYS), faults)
    if week is None:
        if block["weekly"] == UNKNOWN:
            faults.add("hours: weekly", f"must be known; otherwise write 'hours: {UNKNOWN}'.")
        return None
    weekly = tuple(_periods(f"hours: weekly: {name}", week[name], faults) for name in WEEKDAYS)
    by_appointment = files.list_of("hours: by_appointment", block["by_appointment"], faults) or ()
    for name in by_appointment:
        if name not in WEEKDAYS:
            faults.add("hours: by_appointment", f"{name!r} is not one of {', '.join(WEEKDAYS)}.")
    also = [name for name in WEEKDAYS if week[name] == BY_APPOINTMENT]
    days = frozenset(WEEKDAYS.index(name) for name in (*by_appointment, *also) if name in WEEKDAYS)
    return Hours(weekly, days, _special(block["special"], faults))


def _special(raw: Any, faults: Faults) -> Mapping[date, SpecialDay]:
    if not isinstance(raw, dict):
        faults.add("hours: special", "must be {} or entries like '2027-12-24: closed'.")
        return {}
    days: dict[date, SpecialDay] = {}
    for text, value in raw.items():
        place = f"hours: special: {text}"
        on = files.day(place, text, faults)
        if on is not None:
            days[on] = SpecialDay(_periods(place, value, faults), by_appointment=value == BY_APPOINTMENT)
    return MappingProxyType(days)


def _periods(place: str, raw: Any, faults: Faults) -> Periods:
    if raw in ("closed", BY_APPOINTMENT):
        return ()
    if not isinstance(raw, list) or not raw:
        faults.add(
            place,
            f"must be 'closed', '{BY_APPOINTMENT}' or a list of times like [\"08:30-12:00\", \"13:00-16:00\"].",
        )
        return ()
    periods = [period for text in raw for period in _period(place, text, faults)]
    for (_, end), (start, _) in pairwise(periods):
        if start < end or end == time.min:
            faults.add(place, "the times must follow each other and not overlap.")
    return tuple(periods)


def _period(place: str, text: Any, faults: Faults) -> Iterator[tuple[time, time]]:
    found = _PERIOD.match(str(text))
    if not found:
        faults.add(place, f'{text!r} is not a time from–to like "08:30-13:30".')
        return
    # An end at 24:00 is kept as 0:00; hours that go on after midnight begin with 00:00 on the next day.
    until_midnight = str(text).endswith(MIDNIGHT)
    try:
        start = time(int(found[1]), int(found[2]))
        end = time.min if until_midnight else time(int(found[3]), int(found[4]))
    except ValueError:
        faults.add(place, f"{text!r} has an hour above 23 or a minute above 59.")
        return
    if start >= end and not until_midnight:
        faults.add(
            place,
            f"{text!r} ends before it begins; hours over midnight end at {MIDNIGHT} and go on at 00:00 on the next day.",
        )
        return
    yield start, end


def _coordinates(raw: Any, faults: Faults) -> Coordinates | None:
    block = files.section("coordinates", raw, "latitude longitude", faults)
    if block is None:
        return None
    for key, limit in (("latitude", 90), ("longitude", 180)):
        value = str(block[key])
        if not _DEGREES.match(value) or abs(float(value)) > limit:
            faults.add(f"coordinates: {key}", f'{value!r} is not an angle in degrees like "51.2504".')
            return None
    return Coordinates(float(block["latitude"]), float(block["longitude"]))


def _appointments(raw: Any, faults: Faults) -> AppointmentRules | None:
    block = files.section("appointments", raw, "length_minutes notice_hours horizon_weeks counters", faults)
    if block is None:
        return None

    def number(key: str, low: int, high: int) -> int:
        return files.number(f"appointments: {key}", block[key], low, high, faults)

    length = number("length_minutes", 15, 240)
    if length % 15:
        faults.add("appointments: length_minutes", f"{length} is not a multiple of 15.")
    return AppointmentRules(
        length, number("notice_hours", 0, 336), number("horizon_weeks", 1, 26), number("counters", 1, 50)
    )


_ACCESS = "route through groups nationalities voluntary_for compulsory_for compulsory_since max_months"


def _access(raw: Any, faults: Faults) -> Access:
    block = files.section("access", raw, _ACCESS, faults)
    if block is None:
        if raw == UNKNOWN:
            faults.add("access", "must be known: people must not be sent to a door that is closed to them.")
        return Access("direct", (), (), None, None)
    if block["route"] not in get_args(Route):
        faults.add("access: route", f"{block['route']!r} is not one of {', '.join(get_args(Route))}.")

    def some(key: str, allowed: tuple[str, ...]) -> tuple[str, ...] | None:
        return files.codes(f"access: {key}", block[key], allowed, faults)

    through = some("through", words.OFFICES) or ()
    if block["route"] == "referral" and not through:
        faults.add("access: through", "name the offices that send people here.")
    months = None
    if block["max_months"] not in (UNKNOWN, "none"):
        months = files.number("access: max_months", block["max_months"], 1, 60, faults)
    since = block["compulsory_since"]
    return Access(
        block["route"],
        through,
        some("groups", words.GROUPS) or (),
        None if since == "none" else files.day("access: compulsory_since", since, faults),
        months,
        nationalities=files.list_of(
            "access: nationalities", block["nationalities"], faults, COUNTRY, "a country of two letters like SY"
        ),
        voluntary_for=some("voluntary_for", words.WHO),
        compulsory_for=some("compulsory_for", words.WHO),
    )
