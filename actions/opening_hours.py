"""When an office is open: in general, on a day, now."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from actions.base import NOTHING_OF_ITS_OWN, TYPED, SpokenAction, flow
from actions.context import Turn, choice
from actions.house import say_origin
from actions.places import ask_site, choose_site, site_of
from office.hours import DayHours, hours_on, is_open, next_opening
from office.sites import Hours, Site

TOPIC = "opening_hours"
# 'And on Thursday?' is the same question; a longer one is another.
FEW_WORDS = 5
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def day_meant(said: str | None, today: date) -> date | None:
    """Return the day a word means: a weekday is the next such day, today included. None: no day was said."""
    if said in WEEKDAYS:
        return today + timedelta(days=(WEEKDAYS.index(said) - today.weekday()) % 7)
    steps = {"today": 0, "now": 0, "tomorrow": 1, "yesterday": -1}
    if said in steps:
        return today + timedelta(days=steps[said])
    try:
        return date.fromisoformat(said) if said else None
    except ValueError:
        return None


class ActionOpeningHours(SpokenAction):
    action_name = "action_opening_hours"

    def answer(self, turn: Turn) -> None:
        opening_hours(turn)


@flow(TOPIC)
def opening_hours(turn: Turn) -> None:
    """Answer for the site and day that were said; ask for the site where none is known."""
    said = turn.entity("day") or turn.memory.open_question.get("day")
    bad = turn.entity("bad_date") or turn.memory.open_question.get("bad_date")
    site = site_of(turn)
    if site is None:
        ask_site(turn, TOPIC, day=said, bad_date=bad)
        return
    turn.memory.close()
    if bad:
        turn.say("opening_hours.no_such_day")
        said = None
    if site.hours is None:
        _unknown(turn, site)
        return
    day = day_meant(said, turn.today)
    if day is None:
        _week(turn, site)
    elif day < turn.today:
        turn.say("opening_hours.past_day", _named(site, day))
        _week(turn, site)
    else:
        _on_day(turn, site, day, now=said in ("today", "now"))
    say_origin(turn, site)
    turn.offer(
        choice("choice.book", "book_appointment", site=site.id),
        choice("choice.location", "ask_location", site=site.id),
    )


def another_day(turn: Turn) -> bool:
    """'And on Thursday?' right after opening hours: answer for the day just named; returns whether one was."""
    said = turn.entity("day")
    told = any(message["response"].startswith("opening_hours.") for message in turn.previous)
    few = len(turn.text.split()) <= FEW_WORDS and turn.intent in NOTHING_OF_ITS_OWN
    if said is None or not (told and few) or turn.memory.awaiting:
        return False
    day = day_meant(said, turn.today)
    over = day is not None and day < turn.today
    if turn.memory.suspended and (over or turn.intent != "nlu_fallback"):
        # It may be the answer to the question that was laid aside.
        return False
    opening_hours(turn)
    return True


TYPED.append(another_day)


def _named(site: Site, day: date) -> dict[str, Any]:
    return {"site": site.id, "day": day.isoformat(), "day_de": day.isoformat()}


def _week(turn: Turn, site: Site) -> None:
    """Say the weekly pattern: the first hours with the closed days, further hours in lines of their own."""
    if site.hours is None:
        return
    groups = week_groups(site.hours)
    open_groups = [group for group in groups if group[1]]
    only = [WEEKDAYS[day] for day in sorted(site.hours.by_appointment) if not site.hours.weekly[day]]
    closed = [day for days, periods in groups if not periods for day in days if day not in only]
    for place, (days, periods) in enumerate(open_groups):
        name = "opening_hours.week_line" if place else "opening_hours.week"
        values = {"site": site.id, "days": days, "periods": periods}
        if closed and not place:
            name, values["closed"] = "opening_hours.week_with_closed", closed
        turn.say(name, values, effects=choose_site(site, turn))
    if only:
        turn.say("opening_hours.only_by_appointment", {"site": site.id, "days": only}, effects=choose_site(site, turn))
    if len(site.hours.by_appointment) > len(only):
        turn.say("opening_hours.by_appointment")
    if not is_open(site, turn.now):
        _say_next(turn, site)


def week_groups(hours: Hours) -> list[tuple[list[str], list[list[str]]]]:
    """Return (weekdays, periods) groups of the weekly pattern; a closed weekend goes without saying."""
    groups: dict[str, tuple[list[str], list[list[str]]]] = {}
    for weekday, periods in enumerate(hours.weekly):
        if weekday >= 5 and not periods and weekday not in hours.by_appointment:
            continue
        spoken = spoken_periods(periods)
        groups.setdefault(str(spoken), ([], spoken))[0].append(WEEKDAYS[weekday])
    return list(groups.values())


def spoken_periods(periods: Any) -> list[list[str]]:
    """Return [["08:30", "13:30"]] from pairs of times."""
    return [[f"{start:%H:%M}", f"{end:%H:%M}"] for start, end in periods]


def _on_day(turn: Turn, site: Site, day: date, *, now: bool) -> None:
    hours = hours_on(site, day)
    values = _named(site, day)
    effects = choose_site(site, turn)
    if hours.periods:
        name = "opening_hours.open_on_day"
        if now and day == turn.today:
            name = "opening_hours.open_now" if is_open(site, turn.now) else "opening_hours.closed_now"
        turn.say(name, {**values, "periods": spoken_periods(hours.periods)}, effects=effects)
        if name == "opening_hours.closed_now":
            _say_next(turn, site)
        return
    if hours.reason == "appointment_only":
        turn.say("opening_hours.only_by_appointment_on_day", values, effects=effects)
        _say_next(turn, site, after=day)
        return
    turn.say(_why_closed(hours), values | ({"holiday": hours.holiday} if hours.holiday else {}), effects=effects)
    if hours.by_appointment:
        turn.say("opening_hours.by_appointment_that_day")
    _say_next(turn, site, after=day)


def _why_closed(hours: DayHours) -> str:
    return {
        "holiday": "opening_hours.closed_holiday",
        "special": "opening_hours.closed_special",
    }.get(hours.reason, "opening_hours.closed_on_day")


def _say_next(turn: Turn, site: Site, after: date | None = None) -> None:
    """Say when the office opens next, from now or after the day asked about; nothing if unknown."""
    start = turn.now
    if after is not None and after > turn.today:
        start = turn.now.replace(hour=23, minute=59) + (after - turn.today)
    opening = next_opening(site, start)
    if opening is None:
        return
    day = opening.date().isoformat()
    turn.say("opening_hours.next_opening", {"day": day, "day_de": day, "time": f"{opening:%H:%M}"})


def _unknown(turn: Turn, site: Site) -> None:
    turn.say("opening_hours.unknown", {"site": site.id}, effects=choose_site(site, turn))
    say_access(turn, site)
    turn.offer(choice("choice.person", "request_human"), choice("choice.contact", "ask_contact", site=site.id))


def say_access(turn: Turn, site: Site) -> None:
    """Say how people come to this office, where that is not simply by walking in."""
    if site.access.route != "direct":
        turn.say(f"access.{site.access.route}", {"site": site.id})
