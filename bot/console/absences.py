"""When an adviser, a room or an interpreter is not there: see it, enter it, take it back."""

from __future__ import annotations

import asyncio
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Query
from fastapi.responses import RedirectResponse, Response

from bot.console.door import Reader, StaffVisit, Writer
from bot.console.pages import appointment_row
from bot.console.routes import ConsoleRoute, page
from bot.console.words import Words
from bot.incoming import Refused
from office.appointments import appointments_with
from office.clock import wall
from office.resources import absences, add_absence, members, remove_absence
from office.store import Work
from office.tables import Resource

PATH = "/console/absences"
FIELDS = ("who", "first_day", "first_time", "last_day", "last_time")
# An absence that ends later than this is surely mistyped.
FARTHEST = timedelta(days=2 * 366)

routes = APIRouter(prefix=PATH, route_class=ConsoleRoute, include_in_schema=False)


@routes.get("")
def absence_page(
    visit: Reader,
    site: Annotated[str, Query(max_length=64)] = "",
    done: Annotated[str, Query(max_length=16)] = "",
    who: Annotated[str, Query(max_length=128)] = "",
    first: Annotated[str, Query(max_length=32)] = "",
    last: Annotated[str, Query(max_length=32)] = "",
) -> Response:
    """Who is not there when? `who`, `first`, `last`: the absence just entered, whose appointments are named."""
    return _show(visit, site, done=done, entered=(who, first, last))


def _show(
    visit: StaffVisit,
    site: str,
    status: int = 200,
    *,
    done: str = "",
    entered: tuple[str, str, str] = ("", "", ""),
    problem: str = "",
    typed: dict[str, str] | None = None,
) -> Response:
    words = Words(visit.desk.parts.replies, visit.language)
    sites = visit.desk.parts.store.sites
    with visit.desk.parts.store.read() as work:
        bookable = [id for id in sites if members(work, id)]
        chosen = site if site in bookable else (bookable[0] if bookable else "")
        people = members(work, chosen) if chosen else []
        by_id = {one.id: one for one in people}
        ahead = absences(work, list(by_id), visit.now, visit.now + FARTHEST)
        rows = [
            {
                "id": one.id,
                "name": _name(words, by_id[one.resource_id]),
                "begins": _moment(words, one.starts_at),
                "ends": _moment(words, one.ends_at - timedelta(seconds=1)),
            }
            for one in sorted(ahead, key=lambda one: (one.starts_at, one.id))
        ]
        touched = [appointment_row(words, row, visit.now, work=work) for row in _touched(work, by_id, entered)]
    return page(
        visit,
        "absences.html",
        status,
        words=words,
        here=PATH,
        site=chosen,
        sites=[(id, words.site(id)) for id in bookable],
        people=[(one.id, _name(words, one)) for one in people],
        rows=rows,
        touched=touched,
        done=done if done in ("entered", "removed") else "",
        problem=words(f"console.absences.{problem}") if problem else "",
        typed=typed or dict.fromkeys(FIELDS, ""),
    )


def _moment(words: Words, moment: datetime) -> str:
    return words("console.day_at", day=moment.isoformat(), time=moment.isoformat())


def _name(words: Words, one: Resource) -> str:
    handle = one.id.rpartition(":")[2]
    spoken = ", ".join(words.name_of_language(code) for code in one.languages or ())
    return words(f"console.resource.{one.kind}", name=handle) + (f" ({spoken})" if spoken else "")


def _touched(work: Work, people: dict[str, Resource], entered: tuple[str, str, str]) -> list[Any]:
    """Return the appointments that were booked before the absence was entered, and stay booked."""
    who, first, last = entered
    try:
        begins, ends = datetime.fromisoformat(first), datetime.fromisoformat(last)
    except ValueError:
        return []
    if who not in people or begins.tzinfo is None or ends.tzinfo is None:
        return []
    return list(appointments_with(work, who, begins, ends))


@routes.post("")
async def enter(
    visit: Writer,
    who: Annotated[str, Form(max_length=128)] = "",
    site: Annotated[str, Form(max_length=64)] = "",
    first_day: Annotated[str, Form(max_length=10)] = "",
    first_time: Annotated[str, Form(max_length=8)] = "",
    last_day: Annotated[str, Form(max_length=10)] = "",
    last_time: Annotated[str, Form(max_length=8)] = "",
) -> Response:
    """Enter an absence; without times it lasts whole days, the last one included."""
    typed = {
        "who": who,
        "first_day": first_day,
        "first_time": first_time,
        "last_day": last_day,
        "last_time": last_time,
    }
    return await asyncio.to_thread(_enter, visit, site, typed)


def _enter(visit: StaffVisit, site: str, typed: dict[str, str]) -> Response:
    try:
        begins, ends = _span(typed)
    except ValueError:
        return _show(visit, site, 422, problem="no_time", typed=typed)
    if ends <= begins:
        return _show(visit, site, 422, problem="ends_first", typed=typed)
    if ends <= visit.now or ends > visit.now + FARTHEST:
        return _show(visit, site, 422, problem="too_far", typed=typed)
    with visit.desk.parts.store.begin() as work:
        if site not in work.sites or typed["who"] not in {one.id for one in members(work, site)}:
            raise Refused("not_found", 404)
        add_absence(work, typed["who"], begins, ends)
        work.commit()
    said = {"site": site, "done": "entered", "who": typed["who"], "first": begins.isoformat(), "last": ends.isoformat()}
    return RedirectResponse(f"{PATH}?{urlencode(said)}", 303)


def _span(typed: dict[str, str]) -> tuple[datetime, datetime]:
    """Return begin and end; ValueError for a day or time that does not exist."""
    first = date.fromisoformat(typed["first_day"])
    last = date.fromisoformat(typed["last_day"] or typed["first_day"])
    begins = wall(first, time.fromisoformat(typed["first_time"] or "00:00").replace(tzinfo=None))
    if typed["last_time"]:
        return begins, wall(last, time.fromisoformat(typed["last_time"]).replace(tzinfo=None))
    return begins, wall(last + timedelta(days=1), time())


@routes.post("/{absence}/remove")
def take_back(visit: Writer, absence: int, site: Annotated[str, Form(max_length=64)] = "") -> Response:
    """Take an absence back; the time can be booked again."""
    with visit.desk.parts.store.begin() as work:
        remove_absence(work, absence)
        work.commit()
    return RedirectResponse(f"{PATH}?{urlencode({'site': site, 'done': 'removed'})}", 303)
