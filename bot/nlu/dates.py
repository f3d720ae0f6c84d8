"""Calendar days in normalised text: '10.11.2015', '3. oktober', 'march 2024', '2022'. The day of today is an argument."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

# Years that a person of today may mean; other four-digit numbers are no years.
FIRST_YEAR, LAST_YEAR = 1940, 2049


@dataclass(frozen=True)
class Dated:
    """A day ('day', ISO), month ('month', '2024-03'), year ('year') or an impossible date ('bad_date', as typed)."""

    entity: str
    value: str | None  # None for bad_date: the text itself
    start: int
    end: int


_ISO = re.compile(r"(?<![\d.-])(\d{4})-(\d{1,2})-(\d{1,2})(?![\d-])")
_FULL = re.compile(r"(?<![\d.,/])(\d{1,2})\s?([./-])\s?(\d{1,2})\s?\2\s?(\d{4}|\d{2})(?![\d/])")
_NO_YEAR = re.compile(r"(?<![\d.,/])(\d{1,2})\.\s?(\d{1,2})\.(?!\s?\d)")
_SLASH = re.compile(r"(?<![\d.,/])(\d{1,2})/(\d{1,2})(?![\d/])")
_MONTH_YEAR = re.compile(r"(?<![\d.,/])(\d{1,2})\s?[./-]\s?(20\d\d|19[4-9]\d)(?![\d/])")
# Years of the Solar Hijri calendar: 1300 to 1449.
_SOLAR = re.compile(r"(?<![\d.-])(1[34]\d\d)\s?[/.-]\s?(\d{1,2})\s?[/.-]\s?(\d{1,2})(?![\d-])")
_SOLAR_BACK = re.compile(r"(?<![\d.,/])(\d{1,2})\s?[/.-]\s?(\d{1,2})\s?[/.-]\s?(1[34]\d\d)(?![\d/])")
_YEAR = re.compile(r"(?<![\d.,/-])(20[0-4]\d|19[4-9]\d)(?![\d/-])(?!\s?(?:euro|eur|€))")


def full_year(text: str) -> int:
    """Return the year meant by two or four digits ('15' is 2015, '98' is 1998)."""
    year = int(text)
    return year if year > 99 else 2000 + year if year < 50 else 1900 + year


def possible(year: int, month: int, day: int) -> date | None:
    """Return the date; None if there is no such day."""
    try:
        return date(year, month, day)
    except ValueError:
        return None


def nearest(month: int, day: int, today: date, *, past: bool) -> date | None:
    """Return the last such day up to today, or the next from today on; None if no year has such a day."""
    step = -1 if past else 1
    for years in range(9):  # 29 February comes at least every eight years
        found = possible(today.year + step * years, month, day)
        if found is not None and (found <= today if past else found >= today):
            return found
    return None


def nearest_month(month: int, today: date, *, past: bool) -> str:
    """Return the last or next such month as '2024-03'; the running month counts as both."""
    year = today.year
    if past and month > today.month:
        year -= 1
    if not past and month < today.month:
        year += 1
    return f"{year}-{month:02d}"


def ever(month: int, day: int) -> bool:
    """Return whether any year has this day."""
    return possible(2024, month, day) is not None


def from_solar(year: int, month: int, day: int) -> date | None:
    """Return the day of a date of the Solar Hijri calendar (Iran, Afghanistan), 1206 to 1497; None if there is none.

    Its leap years follow a 33-year cycle in that time; 1 Farvardin 1403 is 20 March 2024.
    """
    if not (1206 <= year <= 1497 and 1 <= month <= 12 and 1 <= day <= (31 if month <= 6 else 30)):
        return None
    if month == 12 and day == 30 and not _solar_leap(year):
        return None
    new_year = _SOLAR_1403 + timedelta(days=_solar_days(year) - _solar_days(1403))
    return new_year + timedelta(days=(month - 1) * 30 + min(month - 1, 6) + day - 1)


_SOLAR_1403 = date(2024, 3, 20)


def _solar_leap(year: int) -> bool:
    return year % 33 in (1, 5, 9, 13, 17, 22, 26, 30)


def _solar_days(year: int) -> int:
    """Return the days from the year 1206 to the first day of a year."""
    return sum(366 if _solar_leap(y) else 365 for y in range(1206, year))


def nearest_solar(month: int, day: int, today: date, *, past: bool) -> date | None:
    """Return the last such day up to today, or the next from today on."""
    this = today.year - 621
    found = [meant for year in range(this - 6, this + 7) if (meant := from_solar(year, month, day))]
    fitting = [meant for meant in found if (meant <= today if past else meant >= today)]
    return (max if past else min)(fitting) if fitting else None


def in_digits(
    clean: str,
    today: date | None,
    since: Iterable[tuple[int, int]] = (),
    *,
    behind: Iterable[int] = (),
    before: Iterable[int] = (),
) -> list[Dated]:
    """Return the dates written with digits only.

    `since`: where words like 'since' stand; a date without a year right behind one is the last such day, as is one before a
    place of `behind`. `before`: where words end that may stand before '3/10', which else is no date.
    """
    ends = [end for _, end in since]
    starts, places = list(behind), list(before)
    found: list[Dated] = []
    taken: list[tuple[int, int]] = []

    def free(match: re.Match[str]) -> bool:
        return all(match.end() <= start or match.start() >= end for start, end in taken)

    def add(entity: str, value: str | None, match: re.Match[str]) -> None:
        taken.append(match.span())
        found.append(Dated(entity, value, *match.span()))

    def add_day(year: int, month: int, day: int, match: re.Match[str]) -> None:
        meant = possible(year, month, day)
        add("day" if meant else "bad_date", meant.isoformat() if meant else None, match)

    for pattern, order in ((_SOLAR, (1, 2, 3)), (_SOLAR_BACK, (3, 2, 1))):
        for match in pattern.finditer(clean):
            solar = from_solar(*(int(match[part]) for part in order))
            add("day" if solar else "bad_date", solar.isoformat() if solar else None, match)
    for match in _ISO.finditer(clean):
        if free(match):
            add_day(int(match[1]), int(match[2]), int(match[3]), match)
    for match in _FULL.finditer(clean):
        if free(match):
            add_day(full_year(match[4]), int(match[3]), int(match[1]), match)
    for pattern in (_NO_YEAR, _SLASH):
        for match in pattern.finditer(clean):
            if not free(match) or (pattern is _SLASH and not _after(match.start(), places)):
                continue
            day, month = int(match[1]), int(match[2])
            if not ever(month, day):
                # '3.15.' may be anything; only what looks like a day and a month is a wrong date
                if 1 <= day <= 39 and 1 <= month <= 19:
                    add("bad_date", None, match)
                continue
            past = any(0 <= match.start() - end <= 6 for end in ends) or any(
                0 <= start - match.end() <= 6 for start in starts
            )
            meant = nearest(month, day, today, past=past) if today else None
            if meant:
                add("day", meant.isoformat(), match)
    for match in _MONTH_YEAR.finditer(clean):
        if free(match) and 1 <= int(match[1]) <= 12:
            add("month", f"{match[2]}-{int(match[1]):02d}", match)
    for match in _YEAR.finditer(clean):
        if free(match):
            add("year", match[1], match)
    return found


def _after(position: int, ends: list[int]) -> bool:
    return any(0 <= position - end <= 1 for end in ends)
