"""Months and years as §§ 187, 188 BGB count them."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import NamedTuple

#: Within this many days of a deadline the tool does not decide (law sheet 0.4 no. 4).
MARGIN = timedelta(days=3)


class Duration(NamedTuple):
    """A period of whole months, of days or of calendar months; two of the three are zero."""

    months: int
    days: int
    calendar: int = 0  # calendar months: the one that holds the first day, and so many in all

    @property
    def length(self) -> float:
        """Return the length in days, roughly; only for putting the periods of one scale in order."""
        # So many calendar months end, on average, half a month before as many full months.
        return self.months * 30.44 + self.days + (self.calendar * 30.44 - 15 if self.calendar else 0)

    def __str__(self) -> str:
        if self.calendar:
            return f"{self.calendar} calendar months"
        return f"{self.months} months" if self.months else f"{self.days} days"


def parse_duration(text: str) -> Duration:
    """Read '3 months', '4 years', '14 days' or '1 calendar month'; ValueError for anything else."""
    found = re.fullmatch(r"(\d+) (calendar month|month|year|day|week)s?", text.strip())
    if not found:
        raise ValueError(f"'{text}' is not a period such as '3 months', '4 years' or '14 days'")
    count, unit = int(found[1]), found[2]
    if unit == "calendar month":
        return Duration(0, 0, count)
    if unit in ("month", "year"):
        return Duration(count * (12 if unit == "year" else 1), 0)
    return Duration(0, count * (7 if unit == "week" else 1))


def complete_on(start: date, duration: Duration) -> date:
    """Return the first day on which the period has fully elapsed, the day `start` counted in.

    § 187 Abs. 2, § 188 Abs. 2 BGB: the period ends with the day before the one that bears the same number;
    § 188 Abs. 3: if that day does not exist, with the last day of the month, so the first day after it
    is the 1st of the next month. From 05.02.2016 three months are complete on 05.05.2016.
    Calendar months are complete on the 1st: from 10.03.2026 one calendar month is complete on 01.04.2026.
    """
    if duration.calendar:
        month0 = start.month - 1 + duration.calendar
        return date(start.year + month0 // 12, month0 % 12 + 1, 1)
    if duration.days:
        return start + timedelta(days=duration.days)
    month0 = start.month - 1 + duration.months
    year, month = start.year + month0 // 12, month0 % 12 + 1
    try:
        return date(year, month, start.day)
    except ValueError:
        return date(year + month // 12, month % 12 + 1, 1)


def day_before_months(day: date, duration: Duration) -> date:
    """Return the day that lies this long before; used for bounds only, so a missing 31st becomes the 28th."""
    if duration.days:
        return day - timedelta(days=duration.days)
    month0 = day.year * 12 + day.month - 1 - duration.months
    return date(month0 // 12, month0 % 12 + 1, min(day.day, 28))
