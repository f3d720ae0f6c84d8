"""Slots: the times that can be booked, for what a person wishes."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Literal, Self

from office.availability import QUANTUM, Frame, Picture, picture, quanta
from office.clock import BERLIN, berlin, utc
from office.errors import ImpossibleDay, NoHours, NoInterpreter, SlotUnknown, UnknownSite
from office.resources import Terms, needs, terms
from office.store import Work
from office.tables import Gender, Means

__all__ = [
    "QUANTUM",
    "Offered",
    "Slot",
    "Wish",
    "a_day",
    "free_slots",
    "offered",
    "place_of",
    "quanta",
    "search",
    "site_of",
    "slot_start",
]

Part = Literal["morning", "afternoon"]
NOON = 12
# How many days are looked up first; the first three slots are nearly always among them.
STRIDE = 7
_ID = re.compile(r"([a-z][a-z0-9_]*):(\d{4}-\d\d-\d\dT\d\d:\d\d)(?::(phone|video))?")


@dataclass(frozen=True)
class Slot:
    """A time that can be booked. `starts_at` and `ends_at` are in Europe/Berlin, as is the time in the id."""

    id: str
    site: str
    starts_at: datetime
    ends_at: datetime
    means: Means = "on_site"


@dataclass(frozen=True)
class Wish:
    """What a person wishes; None always means that it does not matter.

    `topic` decides the length only. `interpreter` is the language to be interpreted, which need not be the
    one of the chat; None: no interpreter. `gender` is the interpreter's. Both days are included.
    """

    topic: str = "other"
    means: Means = "on_site"
    interpreter: str | None = None
    gender: Gender | None = None
    first_day: date | None = None
    last_day: date | None = None
    part: Part | None = None
    weekdays: frozenset[int] | None = None

    @classmethod
    def on(cls, day: date, **more: Any) -> Self:
        """Return the wish for one day."""
        return cls(first_day=day, last_day=day, **more)

    def suits(self, local: datetime) -> bool:
        """Return whether a beginning (Europe/Berlin) is at a wished time of the day and day of the week."""
        if self.part is not None and (local.hour < NOON) != (self.part == "morning"):
            return False
        return self.weekdays is None or local.weekday() in self.weekdays

    def as_json(self) -> dict[str, Any]:
        """Return it as it is stored; what does not matter is left out."""
        found: dict[str, Any] = {"topic": self.topic, "means": self.means}
        for name in ("interpreter", "gender", "part"):
            if getattr(self, name) is not None:
                found[name] = getattr(self, name)
        for name in ("first_day", "last_day"):
            if getattr(self, name) is not None:
                found[name] = getattr(self, name).isoformat()
        if self.weekdays is not None:
            found["weekdays"] = sorted(self.weekdays)
        return found

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Self:
        """Return the wish that was stored."""
        found = dict(stored)
        for name in ("first_day", "last_day"):
            if name in found:
                found[name] = date.fromisoformat(found[name])
        if "weekdays" in found:
            found["weekdays"] = frozenset(found["weekdays"])
        return cls(**found)


@dataclass(frozen=True)
class Offered:
    """What a site offers: means, and the languages interpreted with the interpreters' genders as far as known."""

    means: tuple[Means, ...]
    interpreters: dict[str, frozenset[Gender]]


def offered(work: Work, site_id: str) -> Offered:
    """Return what can be wished at a site; raises UnknownSite and NoHours."""
    found = terms(work, site_id)
    languages: dict[str, frozenset[Gender]] = {}
    for one in [*found.interpreters(), *found.advisers()]:
        for code in one.languages or ():
            genders: set[Gender] = {one.gender} if one.gender else set()
            languages[code] = languages.get(code, frozenset()) | genders
    return Offered(found.calendar.means, dict(sorted(languages.items())))


def search(
    work: Work,
    site_id: str,
    now: datetime,
    wish: Wish | None = None,
    *,
    n: int = 3,
    after: datetime | None = None,
) -> list[Slot]:
    """Return the first n free slots for a wish, in order; none if nothing is free then.

    `after`: only those that begin later than this moment ('other times'). Raises UnknownSite, NoHours where
    nothing can be booked, NoMeans and NoInterpreter where the wish could never be met.
    """
    wish = wish or Wish()
    return Search(work, terms(work, site_id), wish, now).first(n, after)


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
    """Return the first n free slots on site; a language that nobody interprets here needs no interpreter."""
    found = terms(work, site_id)
    wish = lenient(found, Wish(interpreter=language, first_day=day, last_day=day))
    return Search(work, found, wish, now).first(n, after)


def lenient(terms: Terms, wish: Wish) -> Wish:
    """Return the wish without an interpreter if nobody here could interpret."""
    try:
        needs(terms, wish.means, wish.interpreter, wish.gender)
    except NoInterpreter:
        return replace(wish, interpreter=None, gender=None)
    return wish


class Search:
    """What a site has for one wish at one moment."""

    def __init__(self, work: Work, terms: Terms, wish: Wish, now: datetime, ignoring: str | None = None) -> None:
        self.work = work
        self.terms = terms
        self.wish = wish
        self.now = now
        self.ignoring = ignoring
        self.minutes = terms.length(wish.topic)
        self.ways = needs(terms, wish.means, wish.interpreter, wish.gender)
        self.soonest = utc(now) + timedelta(hours=terms.rules.notice_hours)
        self.earliest = berlin(self.soonest).date()
        self.latest = berlin(now).date() + timedelta(weeks=terms.rules.horizon_weeks)

    def first(self, n: int, after: datetime | None = None, suits: Callable[[Slot], bool] | None = None) -> list[Slot]:
        """Return the first n free slots; `suits` may refuse some."""
        first = max(self.earliest, self.wish.first_day or self.earliest)
        last = min(self.latest, self.wish.last_day or self.latest)
        found: list[Slot] = []
        stride = STRIDE
        while first <= last and len(found) < n:
            days = min(stride, (last - first).days + 1)
            found += self._some(Frame(first, days), after, n - len(found), suits)
            first += timedelta(days=days)
            # A full week is seldom alone: the rest is looked up in one go.
            stride = 7 * self.terms.rules.horizon_weeks
        return found

    def _some(self, frame: Frame, after: datetime | None, n: int, suits: Callable[[Slot], bool] | None) -> list[Slot]:
        among = frame.from_on(self.soonest)
        if after is not None:
            among &= frame.from_on(utc(after) + timedelta(microseconds=1))
        found: list[Slot] = []
        for moment in self.picture(frame).beginnings(among):
            slot = self.slot(moment)
            if self.wish.suits(slot.starts_at) and (suits is None or suits(slot)):
                found.append(slot)
                if len(found) == n:
                    break
        return found

    def picture(self, frame: Frame) -> Picture:
        return picture(self.work, self.terms, self.ways, frame, self.minutes, self.now, self.ignoring)

    def slot(self, starts_at: datetime) -> Slot:
        local = berlin(starts_at)
        means = self.wish.means
        id = f"{self.terms.site.id}:{local:%Y-%m-%dT%H:%M}{'' if means == 'on_site' else f':{means}'}"
        return Slot(id, self.terms.site.id, local, berlin(starts_at + timedelta(minutes=self.minutes)), means)

    def choose(self, slot_id: str) -> tuple[Slot, list[str] | None]:
        """Return the slot with this id and one free resource of each kind, None if it is taken.

        Raises SlotUnknown if the office does not offer it: closed, too soon, too far ahead.
        """
        start = slot_start(slot_id)
        if start is not None and self.earliest <= start.date() <= self.latest and utc(start) >= self.soonest:
            found = self.picture(frame := Frame(start.date(), 1))
            bit = frame.index(utc(start))
            slot = self.slot(utc(start))
            if slot.id == slot_id and frame.moment(bit) == utc(start) and found.grid >> bit & 1:
                return slot, found.choose(bit)
        raise SlotUnknown(f"The office offers nothing at {slot_id[:80]!r}; offer the free slots again.")


def place_of(work: Work, slot_id: str) -> tuple[str, Means]:
    """Return site and means of a slot id; raises SlotUnknown if it is none or the site books nothing."""
    found = _ID.fullmatch(slot_id) if len(slot_id) <= 200 else None
    if found is None or found[1] not in work.sites:
        raise SlotUnknown(f"{slot_id[:80]!r} is not a slot; offer the free ones again.")
    means: Means = "phone" if found[3] == "phone" else "video" if found[3] == "video" else "on_site"
    return found[1], means


def terms_of(work: Work, site_id: str) -> Terms:
    """Return the terms of a slot's site; raises SlotUnknown where nothing can be booked."""
    try:
        return terms(work, site_id)
    except (NoHours, UnknownSite) as error:
        raise SlotUnknown(str(error)) from None


def site_of(slot_id: str) -> str | None:
    """Return the site a slot id names; None if it is no slot id."""
    found = _ID.fullmatch(slot_id) if len(slot_id) <= 200 else None
    return found[1] if found else None


def slot_start(slot_id: str) -> datetime | None:
    """Return when a slot begins (Europe/Berlin); None if it is no slot id or names a time that does not exist."""
    found = _ID.fullmatch(slot_id) if len(slot_id) <= 200 else None
    if found is None:
        return None
    try:
        start = datetime.fromisoformat(found[2]).replace(tzinfo=BERLIN)
        return start if berlin(start).hour == start.hour else None
    except (ValueError, OverflowError):
        return None


def a_day(text: str) -> date:
    """Return the day written like 2027-02-28; raises ImpossibleDay for one that no calendar has."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ImpossibleDay(f"{text[:40]!r} is not a day that exists; ask for the day again.") from None
