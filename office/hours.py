"""Opening hours: on a day, now, next; unknown is its own answer. No clock is read."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Literal

import holidays

from office.clock import berlin, wall
from office.sites import Periods, Site

__all__ = ["DayHours", "closes_at", "holiday", "hours_on", "is_open", "next_opening"]

Reason = Literal["weekly", "closed_weekday", "appointment_only", "holiday", "special", "unknown"]
# When an opening begins and ends, in Europe/Berlin.
Moments = tuple[datetime, datetime]
# Longer than any run of closed days an office could have and still call itself open.
LOOK_AHEAD = 60


@dataclass(frozen=True)
class DayHours:
    """The hours of one day; no periods: closed, or not known (`reason` says which).

    `holiday` is the German name of the public holiday, also when the office opens in spite of it.
    `by_appointment`: the office also gives appointments outside the periods on this day; reason
    "appointment_only": there are no other hours than these, and that is not the same as closed.
    """

    day: date
    periods: tuple[tuple[time, time], ...]
    reason: Reason
    holiday: str | None
    by_appointment: bool


def hours_on(site: Site, day: date) -> DayHours:
    """Return the hours on a day: a special day beats a holiday, a holiday beats the week."""
    name = holiday(day)
    if site.hours is None:
        return DayHours(day, (), "unknown", name, False)
    by_appointment = day.weekday() in site.hours.by_appointment
    special = site.hours.special.get(day)
    if special is not None and special.by_appointment:
        return DayHours(day, (), "appointment_only", name, True)
    if special is not None:
        return DayHours(day, special.periods, "special", name, bool(special.periods) and by_appointment)
    if name is not None:
        return DayHours(day, (), "holiday", name, False)
    periods = site.hours.weekly[day.weekday()]
    if not periods and by_appointment:
        return DayHours(day, (), "appointment_only", None, True)
    return DayHours(day, periods, "weekly" if periods else "closed_weekday", None, by_appointment)


def is_open(site: Site, now: datetime) -> bool | None:
    """Return whether the office is open now (08:30 sharp: yes, 13:30 sharp: no); None: not known."""
    if site.hours is None:
        return None
    return _current(site, now) is not None


def closes_at(site: Site, now: datetime) -> datetime | None:
    """Return when the office, open now, closes (Europe/Berlin); None if it is closed or not known."""
    current = _current(site, now)
    return current[1] if current else None


def next_opening(site: Site, now: datetime) -> datetime | None:
    """Return the next time it opens after this moment, in Europe/Berlin.

    None if its hours are not known, or if it does not open within the next 60 days.
    """
    for start, _ in _openings(site, berlin(now).date(), LOOK_AHEAD):
        if start.timestamp() > now.timestamp():
            return start
    return None


def _current(site: Site, now: datetime) -> Moments | None:
    # Two days are enough: who is open now closes at the latest with the hours that go on tomorrow.
    for start, end in _openings(site, berlin(now).date(), 1):
        # Compared as moments: two wall-clock times in the same zone would be compared as the clock shows
        # them, which is wrong in the hour that summer time repeats.
        if start.timestamp() <= now.timestamp() < end.timestamp():
            return start, end
    return None


def _openings(site: Site, first: date, days: int) -> Iterator[Moments]:
    """Yield when the office opens and closes from the day before `first` on; hours that touch are one opening.

    An opening that goes on after midnight closes in the night, and midnight is no 'next opening'.
    """
    before: Moments | None = None
    for offset in range(-1, days + 1):
        day = first + timedelta(days=offset)
        for start, end in _moments(day, hours_on(site, day).periods):
            if before is not None and before[1].timestamp() == start.timestamp():
                before = (before[0], end)
                continue
            if before is not None:
                yield before
            before = (start, end)
    if before is not None:
        yield before


def _moments(day: date, periods: Periods) -> Iterator[Moments]:
    for start, end in periods:
        # An end at 0:00 is midnight, the beginning of the next day.
        yield wall(day, start), wall(day + timedelta(days=1) if end == time.min else day, end)


def holiday(day: date) -> str | None:
    """Return the German name of the public holiday in North Rhine-Westphalia; None on any other day."""
    return _holidays(day.year).get(day)


@cache
def _holidays(year: int) -> dict[date, str]:
    # The library reckons with its own tables: § 2 Feiertagsgesetz NW, and 31.10.2017 for once.
    return dict(holidays.country_holidays("DE", subdiv="NW", years=year, language="de").items())
