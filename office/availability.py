"""Who is free when, as rows of bits: one bit for each quarter of an hour.

A calendar of eight weeks is a number of some five thousand bits, and Python's whole numbers have room for
them: 'free for half an hour' is a shift and an 'and', so a search costs what reading the bookings costs.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import Integer, cast, func, select

from office.clock import utc, wall
from office.hours import hours_on
from office.resources import Groups, Terms, absences
from office.sites import Periods
from office.store import Work
from office.tables import Allocation, Resource

__all__ = ["QUANTUM", "Frame", "Picture", "picture", "quanta"]

# What is allocated are quarters of an hour, so that slots of different lengths exclude each other, too.
QUANTUM = timedelta(minutes=15)
QUARTER = 15
PER_DAY = 96
Pattern = tuple[Periods, ...]
_CLOCKS = tuple(f"{quarter // 4:02}:{quarter % 4 * QUARTER:02}:00.000000" for quarter in range(PER_DAY))


def quanta(starts_at: datetime, ends_at: datetime) -> list[datetime]:
    """Return the beginnings (UTC) of the quarters of an hour that a time touches, in order."""
    first = _floor(utc(starts_at))
    return [first + number * QUANTUM for number in range(-((first - utc(ends_at)) // QUANTUM))]


def _floor(moment: datetime) -> datetime:
    return moment.replace(minute=moment.minute // QUARTER * QUARTER, second=0, microsecond=0)


@dataclass(frozen=True)
class Frame:
    """The days that are looked at. Bit 0 is midnight (UTC) of the day before, for clocks ahead of UTC."""

    first: date
    days: int

    @property
    def origin(self) -> datetime:
        return datetime.combine(self.first - timedelta(days=1), time(), UTC)

    @property
    def bits(self) -> int:
        return (self.days + 2) * PER_DAY

    @property
    def end(self) -> datetime:
        return self.origin + self.bits * QUANTUM

    def index(self, moment: datetime) -> int:
        """Return the bit of the quarter in which a moment (UTC) lies; below 0 or beyond the end if outside."""
        return (moment - self.origin) // QUANTUM

    def moment(self, bit: int) -> datetime:
        return self.origin + bit * QUANTUM

    def span(self, starts_at: datetime, ends_at: datetime) -> int:
        """Return the bits that a time touches."""
        low = max(0, self.index(starts_at))
        high = min(self.bits, -((self.origin - ends_at) // QUANTUM))
        return ((1 << (high - low)) - 1) << low if high > low else 0

    def from_on(self, moment: datetime) -> int:
        """Return all bits that begin at a moment or later."""
        low = min(self.bits, max(0, -((self.origin - moment) // QUANTUM)))
        return (1 << self.bits) - (1 << low)


@dataclass(frozen=True)
class Open:
    """When somebody is there (`there`), and where slots may begin (`grid`)."""

    there: int
    grid: int


class Picture:
    """For one kind of appointment: at which quarters it can begin, and with whom."""

    def __init__(self, frame: Frame, ways: list[list[list[tuple[str, int]]]], grid: int) -> None:
        self.frame = frame
        self.ways = ways
        # Where the office offers a beginning, taken or not.
        self.grid = grid

    @property
    def free(self) -> int:
        """The bits at which everything needed is free."""
        return _any(_all(_any(starts for _, starts in group) for group in way) for way in self.ways)

    def choose(self, bit: int) -> list[str] | None:
        """Return one resource of each kind that is free for an appointment beginning here; None if none is."""
        for way in self.ways:
            chosen = [next((id for id, starts in group if starts >> bit & 1), None) for group in way]
            if all(chosen):
                return [id for id in chosen if id]
        return None

    def beginnings(self, among: int) -> Iterator[datetime]:
        """Yield the free beginnings among these bits, in order."""
        left = self.free & among
        while left:
            lowest = left & -left
            yield self.frame.moment(lowest.bit_length() - 1)
            left ^= lowest


def _any(masks: Iterable[int]) -> int:
    found = 0
    for mask in masks:
        found |= mask
    return found


def _all(masks: Iterable[int]) -> int:
    found = -1
    for mask in masks:
        found &= mask
    return found


def picture(
    work: Work,
    terms: Terms,
    ways: list[Groups],
    frame: Frame,
    minutes: int,
    now: datetime,
    ignoring: str | None = None,
) -> Picture:
    """Return who is free when. `ignoring`: an appointment whose own time does not stand in its way."""
    everyone = {one.id: one for way in ways for group in way for one in group}
    busy = busy_bits(work, list(everyone), frame, now, ignoring)
    away = _away(work, list(everyone), frame)
    length = -(-minutes // QUARTER)
    taken = -(-(minutes + terms.calendar.buffer_minutes) // QUARTER)
    site_days = _site_days(terms, frame)
    starts: dict[str, int] = {}
    grid = 0
    for id, one in everyone.items():
        there = _open(_days_of(one, site_days, frame), frame, minutes, taken)
        offered = there.grid if one.kind in ("adviser", "counter") else -1
        grid |= max(offered, 0)
        present = there.there & ~away.get(id, 0)
        unbooked = ~busy[id] if id in busy else -1
        starts[id] = _runs(present, length) & _runs(unbooked, taken) & offered
    return Picture(frame, [[[(one.id, starts[one.id]) for one in group] for group in way] for way in ways], grid)


def _runs(mask: int, length: int) -> int:
    """Return the bits at which so many set bits begin."""
    found = mask
    for shift in range(1, length):
        found &= mask >> shift
    return found


# presence ------------------------------------------------------------------------------------------------------


def _site_days(terms: Terms, frame: Frame) -> list[tuple[Periods, bool]]:
    """Return the site's periods of each day, and whether everybody keeps to them (a holiday, a special day)."""
    days = []
    for offset in range(frame.days):
        hours = hours_on(terms.site, frame.first + timedelta(days=offset))
        unusual = hours.reason in ("holiday", "special") or (hours.reason == "unknown" and hours.holiday is not None)
        days.append((hours.periods, unusual))
    return days


def _days_of(one: Resource, site_days: list[tuple[Periods, bool]], frame: Frame) -> Pattern:
    """Return the periods of each day: their own exception beats the site's special day, that beats their week."""
    if one.weekly is None and not one.exceptions:
        return tuple(periods for periods, _ in site_days)
    week = None if one.weekly is None else [_periods(tuple(day)) for day in one.weekly]
    exceptions = one.exceptions or {}
    first = frame.first.weekday()
    found = []
    for offset, (periods, unusual) in enumerate(site_days):
        special = exceptions.get((frame.first + timedelta(days=offset)).isoformat()) if exceptions else None
        if special is not None:
            found.append(_periods(tuple(special)))
        elif unusual or week is None:
            found.append(periods)
        else:
            found.append(week[(first + offset) % 7])
    return tuple(found)


@lru_cache(maxsize=1024)
def _periods(texts: tuple[str, ...]) -> Periods:
    pairs = [text.split("-") for text in texts]
    return tuple((time.fromisoformat(start), time.fromisoformat(end)) for start, end in pairs)


@lru_cache(maxsize=512)
def _open(pattern: Pattern, frame: Frame, minutes: int, step: int) -> Open:
    there = grid = 0
    for offset, periods in enumerate(pattern):
        day = frame.first + timedelta(days=offset)
        for start, end in periods:
            # Reckoned in UTC, so that a slot is as long as it says on the days when the clocks change.
            opening, closing = utc(wall(day, start)), utc(wall(day + timedelta(days=end <= start), end))
            first, last = -((frame.origin - opening) // QUANTUM), frame.index(closing)
            if last <= first:
                continue
            there |= ((1 << (last - first)) - 1) << first
            for bit in range(first, last - -(-minutes // QUARTER) + 1, step):
                grid |= 1 << bit
    return Open(there, grid)


def _away(work: Work, ids: list[str], frame: Frame) -> dict[str, int]:
    found: dict[str, int] = {}
    for absence in absences(work, ids, frame.origin, frame.end):
        span = frame.span(absence.starts_at, absence.ends_at)
        found[absence.resource_id] = found.get(absence.resource_id, 0) | span
    return found


# bookings ------------------------------------------------------------------------------------------------------


def busy_bits(work: Work, ids: list[str], frame: Frame, now: datetime, ignoring: str | None = None) -> dict[str, int]:
    """Return for each resource that has bookings which quarters are taken; what was held until now is not."""
    taken = _taken(work, ids, frame)
    for id, start in _free_again(work, now, ignoring):
        bit = frame.index(start)
        if id in taken and 0 <= bit < frame.bits:
            taken[id] &= ~(1 << bit)
    return taken


def _free_again(work: Work, now: datetime, ignoring: str | None) -> list[tuple[str, datetime]]:
    """Return the quarters of holds that ran out, and of the appointment that is to be moved."""
    columns = select(Allocation.resource_id, Allocation.quantum_start)
    # Not narrowed to these resources: what has run out is little and has an index of its own, which the
    # database would not use otherwise.
    queries = [columns.where(Allocation.expires_at <= utc(now))]
    if ignoring is not None:
        queries.append(columns.where(Allocation.appointment_id == ignoring))
    return [(id, start) for query in queries for id, start in work.session.execute(query)]


def _taken(work: Work, ids: list[str], frame: Frame) -> dict[str, int]:
    # One row for each resource instead of one for each quarter: a full calendar has forty thousand of them,
    # and making each a row of Python objects would cost more than everything else together.
    if work.session.get_bind().dialect.name == "postgresql":
        return _taken_postgresql(work, ids, frame)
    starts = func.group_concat(Allocation.quantum_start)
    places = _places(frame)
    return {
        id: _bits([places[text] for text in str(texts).split(",")], frame.bits)
        for id, texts in work.session.execute(_by_resource(starts, ids, frame))
    }


def _taken_postgresql(work: Work, ids: list[str], frame: Frame) -> dict[str, int]:
    epoch = int(frame.origin.timestamp())
    quarter = cast((func.extract("epoch", Allocation.quantum_start) - epoch) / (QUARTER * 60), Integer)
    last = frame.bits - 1
    rows = work.session.execute(_by_resource(func.array_agg(quarter), ids, frame))
    return {id: _bits([last - place for place in places], frame.bits) for id, places in rows}


def _by_resource(together: Any, ids: Sequence[str], frame: Frame) -> Any:
    return (
        select(Allocation.resource_id, together)
        .where(
            Allocation.resource_id.in_(ids),
            Allocation.quantum_start >= frame.origin,
            Allocation.quantum_start < frame.end,
        )
        .group_by(Allocation.resource_id)
    )


def _bits(places: list[int], bits: int) -> int:
    """Return the number with digits 1 at these places, counted from the left.

    Written as digits first, because each change of a big number copies it.
    """
    digits = bytearray(b"0" * bits)
    for place in places:
        digits[place] = 49  # "1"
    return int(digits, 2)


@lru_cache(maxsize=128)
def _places(frame: Frame) -> dict[str, int]:
    """Return the place of each quarter, counted from the last, as SQLite has it written."""
    days = (f"{frame.origin + timedelta(days=number):%Y-%m-%d} " for number in range(frame.bits // PER_DAY))
    texts = (day + clock for day in days for clock in _CLOCKS)
    return dict(zip(texts, range(frame.bits - 1, -1, -1), strict=True))
