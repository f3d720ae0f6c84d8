"""Slots: the pieces of opening time that can be booked."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select

from office.clock import berlin, utc, wall
from office.errors import NoHours, SlotUnknown, UnknownSite
from office.hours import hours_on
from office.resources import needs
from office.sites import AppointmentRules, Site
from office.store import Work
from office.tables import Allocation

__all__ = ["QUANTUM", "Slot", "free_slots", "parse_slot", "quanta"]

# What is allocated are quarters of an hour, so that slots of different lengths exclude each other, too.
QUANTUM = timedelta(minutes=15)
# How many days are looked up in one query; the first three slots are nearly always in the first week.
STRIDE = 7
# Beginning and end, in UTC.
Time = tuple[datetime, datetime]


@dataclass(frozen=True)
class Slot:
    """A time that can be booked. `starts_at` and `ends_at` are in Europe/Berlin, as is the time in the id."""

    id: str
    site: str
    starts_at: datetime
    ends_at: datetime


def free_slots(
    work: Work,
    site_id: str,
    now: datetime,
    *,
    n: int = 3,
    day: date | None = None,
    after: datetime | None = None,
    language: str | None = None,
) -> list[Slot]:
    """Return the first n free slots, in order.

    `day` keeps to one day, `after` to slots that start later than this moment ('other times').
    `language`: the language to be interpreted; where the office keeps interpreters for it, one must be free.
    Raises UnknownSite, and NoHours where the hours are not known or no appointments are given.
    """
    site, rules = _bookable(work, site_id)
    groups = needs(work, site_id, language)
    soonest = utc(now) + timedelta(hours=rules.notice_hours)
    found: list[Slot] = []
    first, last = _range(rules, now, day)
    stride = STRIDE
    while first <= last and len(found) < n:
        until = min(last, first + timedelta(days=stride - 1))
        times = [
            time
            for time in _times(site, rules, first, until)
            if time[0] >= soonest and (after is None or time[0] > utc(after))
        ]
        found += [_slot(site.id, *time) for time in _free(work, times, groups)]
        first = until + timedelta(days=1)
        # A full week is seldom alone: the rest is looked up in one go.
        stride = 7 * rules.horizon_weeks
    return found[:n]


def parse_slot(work: Work, slot_id: str, now: datetime) -> Slot:
    """Return the slot with this id, taken or not; raises SlotUnknown if the office does not offer it."""
    site_id, _, written = slot_id.partition(":")
    try:
        day = datetime.fromisoformat(written).date()
        site, rules = _bookable(work, site_id)
    except (ValueError, UnknownSite, NoHours):
        raise SlotUnknown(f"{slot_id[:80]!r} is not a slot; offer the free ones again.") from None
    soonest = utc(now) + timedelta(hours=rules.notice_hours)
    first, last = _range(rules, now, day)
    for time in _times(site, rules, first, last):
        if time[0] >= soonest and (slot := _slot(site.id, *time)).id == slot_id:
            return slot
    raise SlotUnknown(f"The office offers nothing at {slot_id[:80]!r}; offer the free slots again.")


def quanta(starts_at: datetime, ends_at: datetime) -> list[datetime]:
    """Return the beginnings (UTC) of the quarters of an hour that a slot covers, in order."""
    first = utc(starts_at)
    return [first + number * QUANTUM for number in range(-((first - utc(ends_at)) // QUANTUM))]


def busy(work: Work, resources: list[str], first: datetime, last: datetime) -> set[tuple[str, datetime]]:
    """Return which of these resources are taken when, in quarters of an hour, `last` excluded."""
    rows = work.session.execute(
        select(Allocation.resource_id, Allocation.quantum_start).where(
            Allocation.resource_id.in_(resources),
            Allocation.quantum_start >= utc(first),
            Allocation.quantum_start < utc(last),
        )
    )
    return {(resource, start) for resource, start in rows}


def _bookable(work: Work, site_id: str) -> tuple[Site, AppointmentRules]:
    site = work.sites.get(site_id)
    if site is None:
        raise UnknownSite(f"There is no site {site_id[:80]!r}; there are: {', '.join(work.sites)}.")
    if site.hours is None or site.appointments is None:
        raise NoHours(f"{site.name} has no known hours to book; open a case without an appointment.")
    return site, site.appointments


def _range(rules: AppointmentRules, now: datetime, day: date | None) -> tuple[date, date]:
    earliest = berlin(now + timedelta(hours=rules.notice_hours)).date()
    latest = berlin(now).date() + timedelta(weeks=rules.horizon_weeks)
    return (earliest, latest) if day is None else (max(earliest, day), min(latest, day))


def _times(site: Site, rules: AppointmentRules, first: date, last: date) -> Iterator[Time]:
    """Yield beginning and end (UTC) of what the hours allow from the first to the last day, both included."""
    length = timedelta(minutes=rules.length_minutes)
    for offset in range((last - first).days + 1):
        day = first + timedelta(days=offset)
        for start, end in hours_on(site, day).periods:
            # Reckoned in UTC, so that a slot is as long as it says on the days when the clocks change.
            moment, closing = utc(wall(day, start)), utc(wall(day, end))
            while moment + length <= closing:
                yield moment, moment + length
                moment += length


def _slot(site_id: str, starts_at: datetime, ends_at: datetime) -> Slot:
    local = berlin(starts_at)
    return Slot(f"{site_id}:{local:%Y-%m-%dT%H:%M}", site_id, local, berlin(ends_at))


def _free(work: Work, times: list[Time], groups: list[list[str]]) -> list[Time]:
    if not times:
        return []
    resources = [resource for group in groups for resource in group]
    taken = busy(work, resources, times[0][0], times[-1][1])
    return [time for time in times if pick(time, groups, taken) is not None]


def pick(time: Time, groups: list[list[str]], taken: set[tuple[str, datetime]]) -> list[str] | None:
    """Return one resource of each group that is free all the time; None if a group has none."""
    starts = quanta(*time)
    chosen = []
    for group in groups:
        free = next((one for one in group if not any((one, start) in taken for start in starts)), None)
        if free is None:
            return None
        chosen.append(free)
    return chosen
