"""Who and what takes part in appointments, as data: one file per site, beside what staff enter by hand.

A site without a file keeps the counters of its site file, on site only, and no interpreters of its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from types import MappingProxyType

from office.errors import SiteDataError
from office.sites import AppointmentRules, Periods
from office.tables import Gender, Means

__all__ = ["ALL_MEANS", "NO_CALENDAR", "Calendar", "Member", "calendars", "load_calendars"]

FOLDER = Path(__file__).parent / "data" / "calendars"
ALL_MEANS: tuple[Means, ...] = ("on_site", "phone", "video")


@dataclass(frozen=True)
class Member:
    """An adviser, a room or an interpreter. None: follows the opening hours, every means, not known."""

    handle: str
    languages: tuple[str, ...] = ()
    gender: Gender | None = None
    means: tuple[Means, ...] | None = None
    weekly: tuple[Periods, ...] | None = None
    exceptions: Mapping[date, Periods] = field(default_factory=dict)


@dataclass(frozen=True)
class Calendar:
    """What a site needs for an appointment. `advisers` None: the counters of the site file.

    `rules` None: those of the site file. `lengths` are minutes by topic. No `rooms`: they are not counted.
    """

    site: str
    means: tuple[Means, ...] = ("on_site",)
    buffer_minutes: int = 0
    lengths: Mapping[str, int] = field(default_factory=dict)
    rules: AppointmentRules | None = None
    advisers: tuple[Member, ...] | None = None
    rooms: tuple[Member, ...] = ()
    interpreters: tuple[Member, ...] = ()


NO_CALENDAR = Calendar(site="")


def calendars() -> Mapping[str, Calendar]:
    """Return the calendars of all sites that have one; the files are read at the first call only."""
    return _all_calendars()


@cache
def _all_calendars() -> Mapping[str, Calendar]:
    return load_calendars(FOLDER)


def load_calendars(folder: Path) -> Mapping[str, Calendar]:
    """Read every calendar file of a folder; raises SiteDataError that lists all faults of all files."""
    from office.calendar_files import read_calendar

    faults: list[str] = []
    found: dict[str, Calendar] = {}
    for path in sorted(folder.glob("*.yml")):
        try:
            found[path.stem] = read_calendar(path)
        except SiteDataError as error:
            faults += error.faults
    if faults:
        raise SiteDataError(faults)
    return MappingProxyType(found)
