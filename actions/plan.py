"""What a person wishes of an appointment: heard bit by bit, kept in the memory, asked of the office as one wish."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, get_args

from actions import facts as known
from actions.context import Turn
from actions.opening_hours import WEEKDAYS, day_meant
from actions.places import site_said
from actions.topics import DESK
from office.appointments import Appointment
from office.slots import Part, Wish
from office.tables import Gender, Means

Plan = dict[str, Any]
DESKS = ("work", "documents", "language_course", "benefits", "other")
MEANS: tuple[Means, ...] = get_args(Means)
GENDERS: tuple[Gender, ...] = get_args(Gender)
WEEKS = ("this_week", "next_week")
# An office is closed in the evening, so what is left of the day is the afternoon.
PARTS: dict[str, Part] = {"morning": "morning", "afternoon": "afternoon", "evening": "afternoon"}
NO_INTERPRETER, WANTED = "none", "wanted"
# What changes which times suit.
WISHES = ("topic", "site", "day", "bad_date", "time_of_day", "means", "interpreter", "language", "gender")


def take(turn: Turn, asked: str | None) -> None:
    """Write into the plan what this message says; `asked` is the field that was asked last."""
    plan = turn.memory.booking
    _take_topic(turn, plan, asked)
    site = site_said(turn)
    if site is not None:
        plan["site"] = site.id
    before = plan.get("day")
    _take_days(turn, plan)
    if part := PARTS.get(turn.entity("time_of_day") or ""):
        plan["time_of_day"] = part
    elif before not in (None, plan.get("day")):
        # The afternoon of Tuesday says nothing of Thursday.
        plan.pop("time_of_day", None)
    if turn.entity("means") in MEANS:
        plan["means"] = turn.entity("means")
    _take_interpreter(turn, plan, asked)
    gender = turn.entity("gender")
    if gender is not None:
        plan["gender"] = gender if gender in GENDERS else known.UNKNOWN


def _take_topic(turn: Turn, plan: Plan, asked: str | None) -> None:
    topic = turn.entity("topic")
    if topic == known.UNKNOWN or (asked == "topic" and topic is None and turn.entity("activity")):
        topic = "other" if topic == known.UNKNOWN else "work"
    if topic in DESKS:
        plan["topic"] = topic
    elif procedure := turn.entity("procedure"):
        plan.setdefault("topic", {"work_permit": "work"}.get(procedure, DESK.get(procedure, "documents")))


def _take_days(turn: Turn, plan: Plan) -> None:
    days = days_meant(turn.entities.get("day", []), turn.today)
    if days is not None:
        plan["day"], plan["last_day"] = (day.isoformat() for day in days)
    elif turn.entity("bad_date"):
        turn.say("interview.no_such_day")


def days_meant(said: list[str], today: date) -> tuple[date, date] | None:
    """Return first and last day of what was said ('next week', 'Tuesday next week'); None if no day was said."""
    week = next((word for word in said if word in WEEKS), None)
    named = next((word for word in said if word not in WEEKS), None)
    if week is None:
        day = day_meant(named, today)
        return None if day is None else (day, day)
    monday = today + timedelta(days=7 * WEEKS.index(week) - today.weekday())
    if named in WEEKDAYS:
        day = monday + timedelta(days=WEEKDAYS.index(named))
        return day, day
    return monday, monday + timedelta(days=6)


def _take_interpreter(turn: Turn, plan: Plan, asked: str | None) -> None:
    said, language = turn.entity("interpreter"), turn.entity("language")
    if turn.language in turn.entities.get("language", []):
        # A name that two languages share ('Kurdish') is most likely the one of the chat.
        language = turn.language
    if asked == "interpreter":
        said = said or language or (NO_INTERPRETER if turn.intent == "deny" and not turn.resumed else None)
    if said == WANTED:
        said = language or WANTED
    if said is None:
        return
    if said == WANTED:
        plan.pop("interpreter", None)
        plan["interpreter_wanted"] = True
    else:
        # Everybody at the office speaks German.
        plan["interpreter"] = NO_INTERPRETER if said in (known.UNKNOWN, "de") else said
        plan.pop("interpreter_wanted", None)
    plan.pop("gender", None)


def wish_of(plan: Plan) -> Wish:
    """Return the plan as the office understands it."""
    interpreter, gender = plan.get("interpreter", NO_INTERPRETER), plan.get("gender")
    return Wish(
        topic=plan.get("topic", "other"),
        means=plan.get("means", "on_site"),
        interpreter=None if interpreter == NO_INTERPRETER else interpreter,
        gender=gender if gender in GENDERS else None,
        first_day=date.fromisoformat(plan["day"]) if plan.get("day") else None,
        last_day=date.fromisoformat(plan["last_day"]) if plan.get("last_day") else None,
        part=plan.get("time_of_day"),
    )


def forget_time(plan: Plan) -> bool:
    """Drop the wished days and part of the day; return whether any was wished."""
    dropped = [plan.pop(name, None) for name in ("day", "last_day", "time_of_day")]
    return any(dropped)


def like(appointment: Appointment) -> Plan:
    """Return a plan for the same matter, means and interpreter as an earlier appointment."""
    plan: Plan = {
        "site": appointment.site,
        "topic": appointment.topic,
        "means": appointment.means,
        "interpreter": appointment.language or NO_INTERPRETER,
        "gender": appointment.gender or known.UNKNOWN,
    }
    return {**plan, "usual": _how(plan)}


def changed(plan: Plan) -> bool:
    """Return whether means or interpreter differ from what is usual: in the office without one, or as before."""
    return _how(plan) != plan.get("usual", ["on_site", None, None])


def _how(plan: Plan) -> list[str | None]:
    wish = wish_of(plan)
    return [wish.means, wish.interpreter, wish.gender]
