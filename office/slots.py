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
    found: list[Slot] = []
    first, last = _range(rules, now, day)
    while first <= last and len(found) < n:
        until = min(last, first + timedelta(days=STRIDE - 1))
        candidates = [
            slot
            for slot in _slots_between(site, rules, first, until)
            if _in_time(rules, slot, now) and (after is None or utc(slot.starts_at) > utc(after))
        ]
        found += _free(work, candidates, groups)
        first = until + timedelta(days=1)
    return found[:n]


def parse_slot(work: Work, slot_id: str, now: datetime) -> Slot:
    """Return the slot with this id, taken or not; raises SlotUnknown if the office does not offer it."""
    site_id, _, written = slot_id.partition(":")
    try:
        starts_at = datetime.fromisoformat(written)
        site, rules = _bookable(work, site_id)
    except (ValueError, UnknownSite, NoHours):
        raise SlotUnknown(f"{slot_id[:80]!r} is not a slot; offer the free ones again.") from None
    for slot in _slots_between(site, rules, starts_at.date(), starts_at.date()):
        if slot.id == slot_id and _in_time(rules, slot, now):
            return slot
    raise SlotUnknown(f"The office offers nothing at {slot_id[:80]!r}; offer the free slots again.")


def quanta(starts_at: datetime, ends_at: datetime) -> list[datetime]:
    """Return the beginnings (UTC) of the quarters of an hour that a slot covers, in order."""
    moment, end = utc(starts_at), utc(ends_at)
    found = []
    while moment < end:
        found.append(moment)
        moment += QUANTUM
    return found


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


def _in_time(rules: AppointmentRules, slot: Slot, now: datetime) -> bool:
    soonest = utc(now) + timedelta(hours=rules.notice_hours)
    latest = berlin(now).date() + timedelta(weeks=rules.horizon_weeks)
    return soonest <= utc(slot.starts_at) and slot.starts_at.date() <= latest


def _slots_between(site: Site, rules: AppointmentRules, first: date, last: date) -> Iterator[Slot]:
    length = timedelta(minutes=rules.length_minutes)
    day = first
    while day <= last:
        for start, end in hours_on(site, day).periods:
            # Reckoned in UTC, so that a slot is as long as it says on the days when the clocks change.
            moment, closing = utc(wall(day, start)), utc(wall(day, end))
            while moment + length <= closing:
                yield _slot(site.id, moment, moment + length)
                moment += length
        day += timedelta(days=1)


def _slot(site_id: str, starts_at: datetime, ends_at: datetime) -> Slot:
    local = berlin(starts_at)
    return Slot(f"{site_id}:{local:%Y-%m-%dT%H:%M}", site_id, local, berlin(ends_at))


def _free(work: Work, candidates: list[Slot], groups: list[list[str]]) -> list[Slot]:
    if not candidates:
        return []
    resources = [resource for group in groups for resource in group]
    taken = busy(work, resources, candidates[0].starts_at, candidates[-1].ends_at)
    return [slot for slot in candidates if pick(slot, groups, taken) is not None]


def pick(slot: Slot, groups: list[list[str]], taken: set[tuple[str, datetime]]) -> list[str] | None:
    """Return one resource of each group that is free throughout the slot; None if a group has none."""
    chosen = []
    for group in groups:
        times = quanta(slot.starts_at, slot.ends_at)
        free = next((one for one in group if not any((one, start) in taken for start in times)), None)
        if free is None:
            return None
        chosen.append(free)
    return chosen
