"""Who and what a slot needs: an adviser, a room on site where rooms are counted, an interpreter if one is wished."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select

from office.calendars import ALL_MEANS, NO_CALENDAR, Calendar, Member
from office.clock import utc
from office.errors import NoHours, NoInterpreter, NoMeans, UnknownSite
from office.sites import AppointmentRules, Periods, Site
from office.store import Work
from office.tables import Absence, Gender, Means, Resource, ResourceKind

__all__ = [
    "Groups",
    "Terms",
    "absences",
    "add_absence",
    "add_interpreter",
    "counter_ids",
    "members",
    "needs",
    "remove_absence",
    "sync_resources",
    "terms",
]

# A slot takes one resource out of each group.
Groups = list[list[Resource]]


@dataclass(frozen=True)
class Terms:
    """How a site gives appointments: its rules, its calendar, and everyone who takes part."""

    site: Site
    rules: AppointmentRules
    calendar: Calendar
    members: Sequence[Resource]

    def length(self, topic: str) -> int:
        """Return how many minutes an appointment about this topic takes."""
        return self.calendar.lengths.get(topic, self.rules.length_minutes)

    def interpreters(self) -> list[Resource]:
        """Return the interpreters, those with few languages first, so that the others stay free for more people."""
        found = [member for member in self.members if member.kind == "interpreter"]
        return sorted(found, key=lambda one: (len(one.languages or ()), one.id))

    def advisers(self) -> list[Resource]:
        """Return who looks after the person (advisers, or counters), those who can do least first."""
        found = [member for member in self.members if member.kind in ("adviser", "counter")]
        return sorted(found, key=lambda one: (len(ALL_MEANS if one.means is None else one.means), one.id))


def terms(work: Work, site_id: str) -> Terms:
    """Return the site's terms; raises UnknownSite, and NoHours where nothing can be booked."""
    site = work.sites.get(site_id)
    if site is None:
        raise UnknownSite(f"There is no site {site_id[:80]!r}; there are: {', '.join(work.sites)}.")
    calendar = work.calendars.get(site_id, NO_CALENDAR)
    rules = calendar.rules or site.appointments
    everyone = members(work, site_id) if rules else []
    if rules is None or (site.hours is None and not any(one.weekly for one in everyone)):
        raise NoHours(f"{site.name} has no known hours to book; open a case without an appointment.")
    return Terms(site, rules, calendar, everyone)


def members(work: Work, site_id: str) -> Sequence[Resource]:
    """Return everyone and everything that takes part in the site's appointments now."""
    query = select(Resource).where(Resource.site == site_id, Resource.active).order_by(Resource.id)
    return work.session.scalars(query).all()


def needs(
    terms: Terms,
    means: Means,
    interpreter: str | None,
    gender: Gender | None = None,
) -> list[Groups]:
    """Return the ways to give such an appointment, the best first.

    An adviser who speaks the wished language needs no interpreter. Raises NoMeans and NoInterpreter where
    the office could never give it.
    """
    if means not in terms.calendar.means:
        raise NoMeans(f"{terms.site.name} gives no appointments by {means}.", terms.calendar.means)
    advisers = [one for one in terms.advisers() if _can(one, means)]
    rooms = (
        [[one for one in terms.members if one.kind == "room"]] if means == "on_site" and terms.calendar.rooms else []
    )
    if interpreter is None:
        return [[advisers, *rooms]]
    speaking = [one for one in advisers if _speaks(one, interpreter, gender)]
    interpreting = _interpreting(terms, means, interpreter, gender, speaking)
    ways: list[Groups] = [[speaking, *rooms]] if speaking else []
    return [*ways, [advisers, *rooms, interpreting]] if interpreting else ways


def _interpreting(
    terms: Terms, means: Means, language: str, gender: Gender | None, speaking: list[Resource]
) -> list[Resource]:
    """Return the interpreters that fit; raises NoInterpreter if nobody does, advisers included."""
    everyone = terms.interpreters()
    found = [one for one in everyone if _speaks(one, language, gender) and _can(one, means)]
    if found or speaking:
        return found
    languages = sorted({code for one in [*everyone, *terms.advisers()] for code in one.languages or ()})
    because = next(
        why
        for why, fits in (
            ("language", language not in languages),
            ("gender", not any(_speaks(one, language, gender) for one in everyone)),
            ("means", True),
        )
        if fits
    )
    raise NoInterpreter(
        f"{terms.site.name} has no interpreter for {language} ({because}).",
        languages,
        because,  # type: ignore[arg-type]
    )


def _can(one: Resource, means: Means) -> bool:
    return one.means is None or means in one.means


def _speaks(one: Resource, language: str, gender: Gender | None) -> bool:
    return language in (one.languages or ()) and gender in (None, one.gender)


def sync_resources(work: Work) -> None:
    """Make what the site and calendar files name exist; what is no longer named is kept but not offered."""
    known = {resource.id: resource for resource in work.session.scalars(select(Resource))}
    wanted = {row["id"]: row for site in work.sites.values() for row in _rows(work, site)}
    for key, row in wanted.items():
        if key not in known:
            work.session.add(Resource(**row))
            continue
        for name, value in row.items():
            # Only what changed is written: several processes do this at once when they start.
            if getattr(known[key], name) != value:
                setattr(known[key], name, value)
    for resource in known.values():
        if resource.id not in wanted and _from_file(resource) and resource.active:
            resource.active = False
    work.session.flush()


def _from_file(resource: Resource) -> bool:
    # Interpreters may also be entered by hand, and stay then.
    return resource.kind != "interpreter" or resource.id.startswith(f"{resource.site}:interpreter:file:")


def _rows(work: Work, site: Site) -> Iterator[dict[str, Any]]:
    calendar = work.calendars.get(site.id, NO_CALENDAR)
    if calendar.advisers is None:
        for id in counter_ids(site):
            yield _row(id, site, "counter", Member(id))
    for adviser in calendar.advisers or ():
        yield _row(f"{site.id}:adviser:{adviser.handle}", site, "adviser", adviser)
    for room in calendar.rooms:
        yield _row(f"{site.id}:room:{room.handle}", site, "room", room)
    for interpreter in calendar.interpreters:
        yield _row(f"{site.id}:interpreter:file:{interpreter.handle}", site, "interpreter", interpreter)


def _row(id: str, site: Site, kind: ResourceKind, member: Member) -> dict[str, Any]:
    return {
        "id": id,
        "site": site.id,
        "kind": kind,
        "languages": list(member.languages) or None,
        "gender": member.gender,
        "means": None if member.means is None else list(member.means),
        "weekly": None if member.weekly is None else [_texts(periods) for periods in member.weekly],
        "exceptions": _exceptions(member.exceptions),
        "active": True,
    }


def _exceptions(days: Mapping[Any, Periods]) -> dict[str, list[str]] | None:
    return {day.isoformat(): _texts(periods) for day, periods in sorted(days.items())} or None


def _texts(periods: Periods) -> list[str]:
    return [f"{start:%H:%M}-{end:%H:%M}" for start, end in periods]


def counter_ids(site: Site) -> list[str]:
    """Return the ids of the site's counters; none where no appointments are given."""
    count = site.appointments.counters if site.appointments else 0
    return [f"{site.id}:counter:{number}" for number in range(1, count + 1)]


def add_interpreter(
    work: Work,
    site_id: str,
    name: str,
    languages: list[str],
    *,
    gender: Gender | None = None,
    means: Sequence[Means] = ALL_MEANS,
) -> Resource:
    """Let slots for these languages depend on this interpreter from now on.

    `name` is a short handle, not a person's name.
    """
    resource = Resource(
        id=f"{site_id}:interpreter:{name}",
        site=site_id,
        kind="interpreter",
        languages=languages,
        gender=gender,
        means=list(means),
        active=True,
    )
    work.session.add(resource)
    work.session.flush()
    return resource


def add_absence(work: Work, resource_id: str, starts_at: datetime, ends_at: datetime) -> Absence:
    """Note that a resource is not there. What is booked in that time stays booked: see `appointments_with`."""
    if utc(ends_at) <= utc(starts_at):
        raise ValueError("An absence must end after it begins.")
    absence = Absence(resource_id=resource_id, starts_at=utc(starts_at), ends_at=utc(ends_at))
    work.session.add(absence)
    work.session.flush()
    return absence


def remove_absence(work: Work, id: int) -> None:
    """Forget an absence; the time can be booked again."""
    work.session.execute(delete(Absence).where(Absence.id == id))


def absences(work: Work, ids: Sequence[str], first: datetime, last: datetime) -> Sequence[Absence]:
    """Return the absences of these resources that touch a time, in no particular order."""
    query = select(Absence).where(Absence.resource_id.in_(ids), Absence.starts_at < last, Absence.ends_at > first)
    return work.session.scalars(query).all()
