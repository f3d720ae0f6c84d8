"""Actual German courses: place and level asked, the next three shown, every wish can be changed or dropped."""

from __future__ import annotations

import calendar
from datetime import date
from typing import Any

from actions import facts as known
from actions.base import FOLLOW_UPS, SHORT_ANSWERS, SpokenAction, flow
from actions.context import Turn, choice, open_store
from actions.opening_hours import day_meant
from actions.places import choose_site, site_choices
from actions.topics import refer
from office.course_files import AUDIENCES, KINDS, LEVELS, TIMES
from office.courses import Hit, Wish, all_courses, alternatives, search
from office.sites import find_town, sites

TOPIC = "find_course"
SHOWN = 3
ANY = "any"
MORE, AGAIN, DROP = "more", "again", "drop"
NOT_KNOWN = "unknown"
LEVELS_ASKED = LEVELS[:-1]
KIND_OF_PROCEDURE = {
    "integration_course": "integration_course",
    "vocational_language_course": "vocational_language_course",
}
QUESTION_MARKS = "?؟⁉"
# Field of the search -> how it is asked.
ASKED = ("site", "language_level", "time_of_day", "course_kind")


class ActionFindLanguageCourse(SpokenAction):
    action_name = "action_find_language_course"

    def answer(self, turn: Turn) -> None:
        memory = turn.memory
        if (memory.suspended or {}).get("topic") == TOPIC:
            # The same search, with more in it: what was asked last may be answered now.
            memory.resume()
        elif memory.topic != TOPIC:
            memory.course_search = {}
        memory.topic = TOPIC
        change = turn.entity("change") or ""
        if change == AGAIN:
            memory.course_search = {}
            turn.site = None
        elif change.startswith(f"{DROP}:"):
            _drop(turn, change.removeprefix(f"{DROP}:"))
        elif change in ASKED:
            memory.close()
            memory.course_search.pop("shown", None)
            _ask(turn, change)
            return
        find_course(turn)


def _drop(turn: Turn, wish: str) -> None:
    wishes = turn.memory.course_search
    for name in {"town": ("town", "site"), "start": ("from", "until")}.get(wish, (wish,)):
        wishes.pop(name, None)
    if wish == "town":
        wishes["site"] = ANY
    elif wish == "language_level":
        wishes["language_level"] = ANY


@flow(TOPIC)
def find_course(turn: Turn) -> None:
    """Take what was said, ask for place and level if they are missing, and show what was found."""
    memory = turn.memory
    asked = memory.awaiting
    memory.close()
    memory.topic = TOPIC
    taken = _take(turn)
    wishes = memory.course_search
    if taken or turn.entity("change") != MORE:
        wishes.pop("shown", None)
    if asked in ASKED and asked not in taken and not turn.entity("change"):
        # Asked again after a 'why' or another language there is nothing to complain about.
        if turn.entities and not taken and not turn.said:
            turn.say("course.not_an_answer")
        _ask(turn, asked)
    elif "town" not in wishes and "site" not in wishes:
        _ask(turn, "site")
    elif "language_level" not in wishes:
        _ask(turn, "language_level")
    else:
        _show(turn)


WISHES = ("site", "language_level", "time_of_day", "audience", "childcare", "free_places", "month", "day")
# 'With child care.' after courses were shown is no question about a kindergarten.
TAKEN_FOR = ("ask_childcare", "ask_language_course")
SHORT = 5


def add_wish(turn: Turn) -> bool:
    """Search again with a few words told right after courses were shown; returns whether they held a wish."""
    few = len(turn.text.split()) <= SHORT and not any(mark in turn.text for mark in QUESTION_MARKS)
    shown = any(message["response"].startswith("course.") for message in turn.previous)
    if not (few and shown and any(turn.entity(name) for name in WISHES)):
        return False
    find_course(turn)
    return True


def short_wish(turn: Turn) -> bool:
    """Take a few words for a further wish, where the classifier took them for a question of its own."""
    taken = turn.memory.topic == TOPIC and turn.intent in TAKEN_FOR and not turn.text.startswith("/")
    return taken and add_wish(turn)


FOLLOW_UPS[TOPIC] = add_wish
SHORT_ANSWERS.append(short_wish)


# what was said ---------------------------------------------------------------------------------------------


def _take(turn: Turn) -> set[str]:
    """Put what this message says into the search; return the fields that were said."""
    wishes = turn.memory.course_search
    taken = _take_place(turn)
    for name, allowed in (
        ("language_level", LEVELS),
        ("time_of_day", TIMES),
        ("course_kind", KINDS),
        ("audience", AUDIENCES),
    ):
        said = _said(turn, name)
        if said in (known.UNKNOWN, ANY):
            wishes.pop(name, None)
            if name == "language_level":
                wishes[name] = ANY
        elif said in allowed:
            wishes[name] = said
        else:
            continue
        taken.add(name)
    kind = KIND_OF_PROCEDURE.get(turn.entity("procedure") or "")
    kind_meant = wishes.get("asking") == "course_kind" or turn.intent == "find_language_course"
    if kind and kind_meant and "course_kind" not in taken:
        wishes["course_kind"] = kind
        taken.add("course_kind")
    for name in ("childcare", "free_places"):
        if turn.entity(name) in ("true", "false"):
            wishes[name] = turn.entity(name) == "true"
            taken.add(name)
    return taken | _take_start(turn)


def _said(turn: Turn, name: str) -> str | None:
    """Return what was said; of two levels ('I have A2 and look for B1') the higher one is looked for."""
    if name == "language_level" and (levels := [v for v in turn.entities.get(name, []) if v in LEVELS]):
        return max(levels, key=LEVELS.index)
    return turn.entity(name)


def _take_place(turn: Turn) -> set[str]:
    wishes = turn.memory.course_search
    said = turn.entity("site")
    if said is None:
        if turn.site and "town" not in wishes and "site" not in wishes:
            wishes["site"] = turn.site
        return set()
    if said in (known.UNKNOWN, ANY):
        wishes.pop("town", None)
        wishes["site"] = ANY
    elif said in sites():
        wishes.pop("town", None)
        wishes["site"] = said
    elif match := find_town(said):
        wishes.pop("site", None)
        wishes["town"] = match.town
    else:
        turn.say("course.town_unknown", {"town": said})
        return set()
    return {"site"}


def _take_start(turn: Turn) -> set[str]:
    wishes = turn.memory.course_search
    month = turn.entity("month")
    if month:
        try:
            first = date.fromisoformat(f"{month}-01")
        except ValueError:
            return set()
        last = first.replace(day=calendar.monthrange(first.year, first.month)[1])
        wishes["from"], wishes["until"] = first.isoformat(), last.isoformat()
        return {"start"}
    day = day_meant(turn.entity("day"), turn.today)
    if day is not None and day >= turn.today:
        wishes["from"] = day.isoformat()
        wishes.pop("until", None)
        return {"start"}
    if turn.entity("bad_date"):
        turn.say("interview.no_such_day")
    return set()


def wish_of(wishes: dict[str, Any]) -> Wish:
    """Return the search as the office takes it."""
    place = wishes.get("site")
    level = wishes.get("language_level")
    return Wish(
        town=wishes.get("town"),
        site=place if place != ANY else None,
        level=level if level != ANY else None,
        kind=wishes.get("course_kind"),
        time_of_day=wishes.get("time_of_day"),
        audience=wishes.get("audience"),
        starts_from=_day(wishes.get("from")),
        starts_until=_day(wishes.get("until")),
        childcare=bool(wishes.get("childcare")),
        free_places=bool(wishes.get("free_places")),
    )


def _day(said: str | None) -> date | None:
    return date.fromisoformat(said) if said else None


# asking ----------------------------------------------------------------------------------------------------


def _ask(turn: Turn, field: str) -> None:
    turn.memory.topic = TOPIC
    turn.memory.course_search["asking"] = field
    stop = choice("choice.stop", "stop")
    if field == "site":
        anywhere = choice("choice.anywhere", "inform", site=ANY)
        turn.ask("site", "ask.course_place", choices=[*site_choices(), anywhere, stop])
        return
    codes = {"language_level": LEVELS_ASKED, "time_of_day": TIMES, "course_kind": KINDS}[field]
    name = {
        "language_level": "ask.course_level",
        "time_of_day": "ask.course_time",
        "course_kind": "ask.course_kind",
    }[field]
    buttons = [choice("choice.course_word", "inform", {"word": code}, **{field: code}) for code in codes]
    turn.ask(field, name, choices=[*buttons, choice("choice.no_matter", "inform", **{field: ANY}), stop])


# showing ---------------------------------------------------------------------------------------------------


def _show(turn: Turn) -> None:
    wishes = turn.memory.course_search
    wishes.pop("asking", None)
    wish = wish_of(wishes)
    with open_store().read() as work:
        found = search(work, wish, turn.today)
        instead = alternatives(work, wish, turn.today) if not found else {}
        empty = not found and not all_courses(work)
        shown = min(int(wishes.get("shown", 0)), max(len(found) - 1, 0))
        messages = [_item(hit) for hit in found[shown : shown + SHOWN]]
    if empty:
        turn.memory.topic = None
        refer(turn, "find_language_course")
        turn.offer(choice("choice.may_i_join", "ask_language_course"))
        return
    if not found:
        _nothing(turn, wish, instead)
        return
    if not shown:
        turn.say(f"course.found_{_where(wish)}", {**_summary(wish), "n": len(found)}, effects=_site_effect(wish, turn))
    for name, values in messages:
        turn.say(name, values)
    shown += len(messages)
    wishes["shown"] = shown
    turn.say("course.enrol")
    turn.offer(*_ways(wish, more=shown < len(found)))


def _where(wish: Wish) -> str:
    return "near" if wish.town else "county" if wish.site else "anywhere"


def _summary(wish: Wish) -> dict[str, Any]:
    words = [wish.level or "any_level", wish.kind, wish.time_of_day, wish.audience]
    words += ["childcare" if wish.childcare else None, "free_places" if wish.free_places else None]
    values: dict[str, Any] = {"wishes": [word for word in words if word]}
    if wish.starts_from:
        values["wishes"].append("later_start")
    if wish.town:
        values["place"] = wish.town
    elif wish.site:
        values["place"] = sites()[wish.site].county
    return values


def _site_effect(wish: Wish, turn: Turn) -> dict[str, str]:
    match = find_town(wish.town) if wish.town else None
    site = match.site if match else sites().get(wish.site or "")
    return choose_site(site, turn) if site else {}


def _item(hit: Hit) -> tuple[str, dict[str, Any]]:
    course = hit.course
    values: dict[str, Any] = {
        # Shown in every language: nobody shall look for a course that does not exist.
        "mark": "example" if course.example else "course",
        "title": course.title,
        "kind": course.kind,
        "level": course.level,
        "provider": course.provider,
        "place": f"{course.street}, {course.town}" if course.street else course.town,
        "day": course.starts_on.isoformat(),
        "end": course.ends_on.isoformat() if course.ends_on else NOT_KNOWN,
        "days": course.days or NOT_KNOWN,
        "hours": [[course.begins, course.ends]] if course.begins and course.ends else NOT_KNOWN,
        "places": NOT_KNOWN if course.places is None else course.places,
        "childcare": {True: "yes", False: "no", None: NOT_KNOWN}[course.childcare],
        "contact": course.contact or NOT_KNOWN,
        "as_of": course.as_of.isoformat(),
    }
    if hit.km:
        return "course.item_away", {**values, "km": hit.km}
    return "course.item", values


def _ways(wish: Wish, *, more: bool) -> list[dict[str, Any]]:
    ways = [choice("choice.more_courses", "find_language_course", change=MORE)] if more else []
    if not wish.childcare:
        ways.append(choice("choice.with_childcare", "find_language_course", childcare="true"))
    if not wish.free_places:
        ways.append(choice("choice.with_free_places", "find_language_course", free_places="true"))
    return [
        *ways,
        choice("choice.other_time", "find_language_course", change="time_of_day"),
        choice("choice.other_level", "find_language_course", change="language_level"),
        choice("choice.other_place", "find_language_course", change="site"),
        choice("choice.may_i_join", "ask_language_course"),
        choice("choice.person", "request_human", topic="language_course"),
    ]


def _nothing(turn: Turn, wish: Wish, instead: dict[str, int]) -> None:
    turn.say(f"course.none_{_where(wish)}", _summary(wish), effects=_site_effect(wish, turn))
    turn.say("course.instead")
    if instead:
        turn.say("course.give_up_one")
        for name, count in instead.items():
            turn.offer(
                choice("choice.without", "find_language_course", {"wish": name, "n": count}, change=f"{DROP}:{name}")
            )
    turn.offer(
        choice("choice.new_search", "find_language_course", change=AGAIN),
        choice("choice.person", "request_human", topic="language_course"),
        choice("choice.may_i_join", "ask_language_course"),
    )
