"""Kinds of values and how each is said in a language: dates, times, lists, sites, codes.

A kind is a word ("date") or a word with a parameter ("list:site", "code:reason"). Any kind followed by
`_de` says the same value in German, for the word that stands on a paper or a calendar in Germany.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Protocol
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_skeleton
from babel.numbers import format_decimal

from bot.replies import bidi

if TYPE_CHECKING:
    from bot.replies.languages import Language

BERLIN = ZoneInfo("Europe/Berlin")  # the time people and offices live in
GERMAN = "de"
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
BULLET = "• "


class Speaker(Protocol):
    """What a formatter may ask of the renderer: other entries, languages, sites."""

    public_url: str

    def language(self, code: str) -> Language: ...
    def entry(self, name: str, values: Mapping[str, Any], language: str) -> str: ...
    def site(self, site_id: str) -> Any: ...


Formatter = Callable[[Any, str, Speaker], str]


class ValueProblem(ValueError):
    """A value that does not fit its kind."""


def as_day(value: Any) -> date:
    """Return the day of an ISO date or date-time; an instant is moved to Berlin first."""
    if isinstance(value, datetime):
        return (value.astimezone(BERLIN) if value.tzinfo else value).date()
    if isinstance(value, date):
        return value
    return as_day(datetime.fromisoformat(value)) if len(value) > 10 else date.fromisoformat(value)


def as_moment(value: Any) -> datetime:
    """Return a date-time as it reads on a clock in Berlin; one without offset is Berlin time already."""
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    return moment.astimezone(BERLIN) if moment.tzinfo else moment


def as_clock(value: Any) -> str:
    """Return HH:MM of a time, an ISO time or a date-time."""
    if isinstance(value, time):
        return f"{value:%H:%M}"
    if isinstance(value, datetime) or (isinstance(value, str) and len(value) > 8):
        return f"{as_moment(value):%H:%M}"
    return f"{time.fromisoformat(value):%H:%M}"


@lru_cache(maxsize=4096)
def _date(day: date, form: str, locale: str) -> str:
    return format_date(day, form, Locale.parse(locale))


@lru_cache(maxsize=1024)
def _skeleton(day: date, skeleton: str, locale: str) -> str:
    return format_skeleton(skeleton, day, locale=Locale.parse(locale))


def _number(value: Any, language: str, speaker: Speaker) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        value = float(value) if "." in str(value) else int(value)
    return format_decimal(value, locale=speaker.language(language).locale)


def _long_date(value: Any, language: str, speaker: Speaker) -> str:
    spoken = speaker.language(language)
    return _date(as_day(value), spoken.full_date, spoken.formats)


def _day_month(value: Any, language: str, speaker: Speaker) -> str:
    return _skeleton(as_day(value), "MMMMd", speaker.language(language).formats)


def _weekday(value: Any, language: str, speaker: Speaker) -> str:
    known = isinstance(value, str) and value.lower() in WEEKDAYS
    number = WEEKDAYS.index(value.lower()) if known else as_day(value).weekday()
    # not "stand-alone": Babel 2.18 gives the days of whichever language was asked first for those of the others
    return str(speaker.language(language).locale.days["format"]["wide"][number])


def _time(value: Any, language: str, speaker: Speaker) -> str:
    return as_clock(value)


def _datetime(value: Any, language: str, speaker: Speaker) -> str:
    moment = as_moment(value)
    spoken = speaker.language(language)
    clock = f"{moment:%H:%M}"
    joined = str(spoken.locale.datetime_formats["full"])
    return joined.replace("{1}", _date(moment.date(), spoken.full_date, spoken.formats)).replace("{0}", clock)


def _period(value: Any, language: str, speaker: Speaker) -> str:
    begin, end = value
    return f"{as_clock(begin)}–{as_clock(end)}"


def _periods(value: Any, language: str, speaker: Speaker) -> str:
    return _join(value, _period, language, speaker)


def _months(value: Any, language: str, speaker: Speaker) -> str:
    # CLDR's unit names are missing in Babel for some of our languages, so months are a sentence of ours
    return speaker.entry("unit.months", {"n": int(value)}, language)


def _site(value: Any, language: str, speaker: Speaker) -> str:
    return str(speaker.site(value).name)


def _address(value: Any, language: str, speaker: Speaker) -> str:
    address = speaker.site(value).address
    if address is None:
        return speaker.entry("unit.unknown", {}, language)
    return f"{address.street}, {address.postcode} {address.city}"


def _hours(value: Any, language: str, speaker: Speaker) -> str:
    """The week of a site, one line per group of days with the same hours; closed days are left out."""
    hours = speaker.site(value).hours
    if hours is None:
        return speaker.entry("unit.unknown", {}, language)
    groups: dict[Any, list[str]] = {}
    for number, periods in enumerate(hours.weekly):
        if periods:
            groups.setdefault(periods, []).append(WEEKDAYS[number])
    return "\n".join(
        speaker.entry("unit.days_and_periods", {"days": days, "periods": periods}, language)
        for periods, days in groups.items()
    )


def _cite(value: Any, language: str, speaker: Speaker) -> str:
    return _join([value] if isinstance(value, str) else value, _text, language, speaker)


def _text(value: Any, language: str, speaker: Speaker) -> str:
    return bidi.without_controls(str(value))


def _url(value: Any, language: str, speaker: Speaker) -> str:
    address = bidi.without_controls(str(value))
    return f"{speaker.public_url}{address}" if address.startswith("/") else address


def _page(value: Any, language: str, speaker: Speaker) -> str:
    """A page of our own that speaks the reader's language."""
    address = _url(value, language, speaker)
    return f"{address}{'&' if '?' in address else '?'}lang={language}"


def _places(value: Any, language: str, speaker: Speaker) -> str:
    if value == NOT_KNOWN:
        return speaker.entry("unit.unknown", {}, language)
    return speaker.entry("unit.places" if int(value) else "unit.no_place", {"n": int(value)}, language)


def _paper(value: Any, language: str, speaker: Speaker) -> str:
    return speaker.entry("unit.paper", {"paper": value, "looks": value, "source": value}, language)


def _language(value: Any, language: str, speaker: Speaker) -> str:
    locale = speaker.language(language).locale
    try:
        own = speaker.language(value)
    except KeyError:
        return str(locale.languages.get(value) or Locale.parse(value).english_name)
    # CLDR names 'ku' for all of Kurdish; there the speakers' own name says more
    return str(locale.languages.get(value) or own.name) if value != "ku" else own.name


def _country(value: Any, language: str, speaker: Speaker) -> str:
    return str(speaker.language(language).locale.territories[str(value).upper()])


PLAIN: dict[str, Formatter] = {
    "number": _number,
    "date": _long_date,
    "day_month": _day_month,
    "weekday": _weekday,
    "time": _time,
    "datetime": _datetime,
    "periods": _periods,
    "months": _months,
    "site": _site,
    "address": _address,
    "hours": _hours,
    "cite": _cite,
    "text": _text,
    "latin": _text,
    "email": _text,
    "phone": _text,
    "url": _url,
    "page": _page,
    "places": _places,
    "paper": _paper,
    "language": _language,
    "country": _country,
    "holiday": _text,
}
WITH_ENTRY = ("code", "german")
# maybe: the value, or 'not known' for the code "unknown"
WITH_KIND = ("list", "bullets", "maybe")
NOT_KNOWN = "unknown"


def _join(values: Any, one: Formatter, language: str, speaker: Speaker) -> str:
    if isinstance(values, str) or not hasattr(values, "__iter__"):
        raise ValueProblem(f"a list was expected, not {type(values).__name__}")
    spoken = speaker.language(language)
    return spoken.listed([bidi.value(one(v, language, speaker), spoken.rtl) for v in values])


def word(value: Any) -> str:
    """Return a code as it stands in an entry's name: true and false for booleans."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def kind_problem(kind: Any) -> str | None:
    """Return what is wrong with a kind, None if it can be said."""
    if not isinstance(kind, str):
        return f"{kind!r} is not a kind"
    name, _, parameter = kind.removesuffix("_de").partition(":")
    if name in WITH_ENTRY:
        return None if parameter else f"{kind}: needs the beginning of a name, like {name}:fact.activity"
    if name in WITH_KIND:
        return kind_problem(parameter) if parameter else f"{kind}: needs a kind, like {name}:site"
    if name in PLAIN and not parameter:
        return None
    known = [*PLAIN, *(f"{word}:…" for word in (*WITH_ENTRY, *WITH_KIND))]
    return f"{kind!r} is not a kind (known: {', '.join(known)})"


@lru_cache(maxsize=512)
def formatter(kind: str) -> Formatter:
    """Return the function that says values of this kind; raises ValueProblem for an unknown one."""
    problem = kind_problem(kind)
    if problem:
        raise ValueProblem(problem)
    name, _, parameter = kind.partition(":")
    if name in WITH_ENTRY:
        german = name == "german" or parameter.endswith("_de")
        return _entry_formatter(parameter.removesuffix("_de"), german)
    if name in WITH_KIND:
        one = formatter(parameter)
        return {"bullets": _bullets, "list": _list, "maybe": _maybe}[name](one)
    if name.endswith("_de"):
        return _in_german(PLAIN[name.removesuffix("_de")])
    return PLAIN[name]


def _entry_formatter(prefix: str, german: bool) -> Formatter:
    def say(value: Any, language: str, speaker: Speaker) -> str:
        return speaker.entry(f"{prefix}.{word(value)}", {}, GERMAN if german else language)

    return say


def _list(one: Formatter) -> Formatter:
    def say(value: Any, language: str, speaker: Speaker) -> str:
        return _join(value, one, language, speaker)

    return say


def _bullets(one: Formatter) -> Formatter:
    def say(value: Any, language: str, speaker: Speaker) -> str:
        rtl = speaker.language(language).rtl
        return "\n".join(BULLET + bidi.value(one(v, language, speaker), rtl) for v in value)

    return say


def _maybe(one: Formatter) -> Formatter:
    def say(value: Any, language: str, speaker: Speaker) -> str:
        return speaker.entry("unit.unknown", {}, language) if value == NOT_KNOWN else one(value, language, speaker)

    return say


def _in_german(one: Formatter) -> Formatter:
    def say(value: Any, language: str, speaker: Speaker) -> str:
        return one(value, GERMAN, speaker)

    return say
