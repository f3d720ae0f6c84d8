"""A person instead of the machine: topic and place asked, three slots offered, one booked."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from actions import facts as known
from actions.base import SpokenAction, flow
from actions.context import BERLIN, Turn, choice, open_store
from actions.documents import papers
from actions.opening_hours import day_meant, say_access
from actions.places import choose_site, site_choices, site_said
from actions.topics import DESK
from actions.waiting_list import wait_choice
from office import appointments
from office.appointments import Appointment, Slot
from office.cases import open_case
from office.conversations import get_conversation
from office.errors import NoHours, SlotTaken, SlotUnknown, TooManyAppointments, UnknownAppointment, UnknownConversation
from office.notifications import notification_key
from office.sites import Site, sites

TOPIC = "booking"
DESKS = ("work", "documents", "language_course", "benefits", "other")
OFFERED = 3
# Looked through when a part of the day is wished for; about two weeks of half hours.
SEARCHED = 60
NOON = 12
MORE, NO_SLOT = "more", "none"


class ActionRequestHuman(SpokenAction):
    action_name = "action_request_human"

    def answer(self, turn: Turn) -> None:
        start(turn)


class ActionBookAppointment(SpokenAction):
    action_name = "action_book_appointment"

    def answer(self, turn: Turn) -> None:
        start(turn)


def start(turn: Turn) -> None:
    """Begin a booking with what is known already: the running topic, the site, a day."""
    memory = turn.memory
    running = (memory.suspended or {}).get("topic") or memory.topic
    if (memory.suspended or {}).get("topic") == TOPIC:
        # Asking for a person twice goes on with the booking that is open.
        memory.suspended = None
    else:
        memory.booking = {}
    if earlier := turn.entity("appointment"):
        memory.booking["again"] = earlier
    if running in DESK:
        memory.booking.setdefault("topic", DESK[running])
    if turn.site:
        memory.booking.setdefault("site", turn.site)
    memory.topic = TOPIC
    booking(turn)


@flow(TOPIC)
def booking(turn: Turn) -> None:
    """Take what was said and ask for what is missing, one thing at a time."""
    asked = turn.memory.awaiting
    turn.memory.close()
    turn.memory.topic = TOPIC
    _take(turn, asked)
    plan = turn.memory.booking
    slot = turn.entity("slot")
    if slot == NO_SLOT and plan.get("site") and plan.get("topic"):
        hand_over(turn, sites()[plan["site"]])
    elif slot and slot not in (MORE, NO_SLOT, known.UNKNOWN):
        choose(turn, slot)
    elif not plan.get("topic"):
        _ask_topic(turn)
    elif not plan.get("site"):
        _ask_site(turn)
    else:
        offer(turn, sites()[plan["site"]], later=slot == MORE)


def _take(turn: Turn, asked: str | None) -> None:
    plan = turn.memory.booking
    topic = turn.entity("topic")
    if topic == known.UNKNOWN or (asked == "topic" and topic is None and turn.entity("activity")):
        topic = "other" if topic == known.UNKNOWN else "work"
    if topic in DESKS:
        plan["topic"] = topic
    elif procedure := turn.entity("procedure"):
        plan.setdefault("topic", {"work_permit": "work"}.get(procedure, DESK.get(procedure, "documents")))
    site = site_said(turn)
    if site is not None:
        plan["site"] = site.id
    day = day_meant(turn.entity("day"), turn.today)
    if day is not None:
        plan["day"] = day.isoformat()
    if part := turn.entity("time_of_day"):
        plan["time_of_day"] = part


def _ask_topic(turn: Turn) -> None:
    choices = [choice(f"topic.{desk}", "inform", topic=desk) for desk in DESKS]
    turn.ask("topic", "ask.topic", choices=[*choices, choice("choice.stop", "stop")])


def _ask_site(turn: Turn) -> None:
    if turn.entity("site") is not None:
        turn.say("place.not_ours", {"town": turn.entity("site")})
    turn.ask("site", "ask.site", choices=[*site_choices(), choice("choice.stop", "stop")])


def offer(turn: Turn, site: Site, *, later: bool = False) -> None:
    """Offer three free slots; a site without known hours gets a case without an appointment."""
    plan = turn.memory.booking
    after = plan.get("last_offered") if later else None
    try:
        slots = find_slots(turn, site, after)
    except NoHours:
        turn.say("appointment.no_hours", {"site": site.id})
        say_access(turn, site)
        hand_over(turn, site)
        return
    if not slots:
        topic = plan.get("topic", "other")
        turn.say("appointment.none_free", {"site": site.id})
        hand_over(turn, site)
        turn.offer(wait_choice(site.id, topic))
        return
    plan["last_offered"] = slots[-1].id
    values = {"site": site.id, "n": len(slots)}
    turn.ask("slot", "appointment.offer", values, [*_slot_choices(slots), *_other_ways(turn)])
    if effects := choose_site(site, turn):
        turn.said[-1]["effects"] = effects


def find_slots(turn: Turn, site: Site, after: str | None) -> list[Slot]:
    """Return up to three free slots, on the wished day and part of the day if there are any then.

    Says so when the wish could not be met. Raises NoHours for a site whose hours are not known.
    """
    plan = turn.memory.booking
    day = date.fromisoformat(plan["day"]) if plan.get("day") else None
    part = plan.get("time_of_day")
    interpreted = interpreted_language(turn)
    with open_store().read() as work:
        found = appointments.free_slots(
            work, site.id, turn.now, n=SEARCHED if part else OFFERED, day=day, after=moment_of(after),
            language=interpreted,
        )  # fmt: skip
        wished = [slot for slot in found if part is None or _in_part(slot, part)]
        if not wished and (day or part):
            plan.pop("day", None)
            plan.pop("time_of_day", None)
            turn.say("appointment.none_then", {"site": site.id})
            after = None
            wished = appointments.free_slots(work, site.id, turn.now, n=OFFERED, language=interpreted)
    return wished[:OFFERED]


def interpreted_language(turn: Turn) -> str | None:
    """Return the language that must be interpreted at the appointment; None for German."""
    return None if turn.language == "de" else turn.language


def moment_of(slot_id: str | None) -> datetime | None:
    """Return when a slot begins, from its id 'mettmann:2024-07-02T08:30'; None for None."""
    if slot_id is None:
        return None
    return datetime.fromisoformat(slot_id.partition(":")[2]).replace(tzinfo=BERLIN)


def _in_part(slot: Slot, part: str) -> bool:
    morning = slot.starts_at.astimezone(BERLIN).hour < NOON
    return morning == (part == "morning")


def _slot_choices(slots: list[Slot]) -> list[dict[str, Any]]:
    return [choice("choice.slot", "inform", _when(slot.starts_at), slot=slot.id) for slot in slots]


def _when(moment: datetime) -> dict[str, str]:
    local = moment.astimezone(BERLIN)
    return {"day": local.date().isoformat(), "time": f"{local:%H:%M}"}


def _other_ways(turn: Turn) -> list[dict[str, Any]]:
    ways = [choice("choice.other_times", "inform", slot=MORE)]
    if not turn.memory.booking.get("moving"):
        ways.append(choice("choice.answer_here", "inform", slot=NO_SLOT))
    return [*ways, choice("choice.stop", "stop")]


def choose(turn: Turn, slot_id: str) -> None:
    """Book the chosen slot, or move the appointment there; offer the next ones if somebody was quicker."""
    plan = turn.memory.booking
    site = sites().get(slot_id.partition(":")[0])
    if site is None:
        turn.say("appointment.slot_gone")
        booking_again(turn)
        return
    plan["site"] = site.id
    plan.setdefault("topic", "other")
    try:
        appointment, case_id = _book(turn, slot_id)
    except (SlotTaken, SlotUnknown) as error:
        turn.say("appointment.taken" if isinstance(error, SlotTaken) else "appointment.slot_gone")
        offer(turn, site)
    except TooManyAppointments:
        turn.say(
            "appointment.too_many",
            choices=[
                choice("choice.my_appointment", "ask_my_appointment"),
                choice("choice.person", "request_human"),
            ],
        )
        _done(turn)
    except UnknownConversation:
        turn.say("appointment.only_in_chat")
        _done(turn)
    else:
        moved = bool(plan.get("moving"))
        confirm(turn, appointment, site, "appointment.moved" if moved else "appointment.booked", case_id)
        _done(turn)


def booking_again(turn: Turn) -> None:
    """Ask again for what is missing, without what this message said."""
    turn.entities = {}
    booking(turn)


def _book(turn: Turn, slot_id: str) -> tuple[Appointment, int]:
    """Book (or move) and open the case in one unit of work; returns the appointment and the case's number."""
    plan = turn.memory.booking
    with open_store().begin() as work:
        conversation = get_conversation(work, turn.conversation)
        if moving := _own(work, conversation, turn, plan.get("moving")):
            appointment = appointments.move(work, moving, slot_id, turn.now)
        elif earlier := _earlier(work, conversation, plan.get("again")):
            appointment = appointments.rebook(work, earlier, slot_id, turn.now)
        else:
            appointment = appointments.book(
                work,
                slot_id,
                conversation,
                topic=plan["topic"],
                now=turn.now,
                language=interpreted_language(turn),
                key=f"{turn.conversation}:{slot_id}",
            )
        case = open_case(
            work,
            conversation,
            topic=plan["topic"],
            site=plan["site"],
            facts=facts_for_staff(turn),
            now=turn.now,
            appointment=appointment,
            kind="appointment",
        )
        work.commit()
        return appointment, case.id


def _own(work: Any, conversation: Any, turn: Turn, appointment_id: str | None) -> Appointment | None:
    """Return the conversation's own open appointment of this id; None if it has none such."""
    own = appointments.appointments_of(work, conversation, turn.now)
    return next((a for a in own if a.id == appointment_id), None)


def _earlier(work: Any, conversation: Any, appointment_id: str | None) -> Appointment | None:
    """Return the conversation's own appointment that is to be made again; None if there is none such."""
    if appointment_id is None:
        return None
    try:
        earlier = appointments.get_appointment(work, appointment_id)
    except UnknownAppointment:
        return None
    return earlier if earlier.conversation_id == conversation.id else None


def facts_for_staff(turn: Turn) -> dict[str, Any]:
    """Return the facts told so far, with the range beside a day that was only approximately known."""
    facts = dict(turn.memory.facts)
    if turn.memory.approximate:
        facts["approximate"] = dict(turn.memory.approximate)
    return facts


def hand_over(turn: Turn, site: Site) -> None:
    """Open a case without an appointment: a person will answer in this chat."""
    try:
        with open_store().begin() as work:
            conversation = get_conversation(work, turn.conversation)
            case = open_case(
                work, conversation, topic=turn.memory.booking.get("topic", "other"), site=site.id,
                facts=facts_for_staff(turn), now=turn.now, kind="handoff",
            )  # fmt: skip
            work.commit()
            case_id = case.id
    except UnknownConversation:
        turn.say("appointment.only_in_chat")
    else:
        turn.say(
            "handoff.waiting",
            {"site": site.id},
            effects={"handoff": {"case": case_id}, **choose_site(site, turn)},
        )
        turn.say("handoff.meanwhile")
    _done(turn)


def _done(turn: Turn) -> None:
    turn.memory.close()
    turn.memory.booking = {}
    turn.memory.topic = None


def confirm(turn: Turn, appointment: Appointment, site: Site, name: str, case_id: int | None) -> None:
    """Say the appointment with everything needed at the counter."""
    when = _when(appointment.starts_at)
    effects: dict[str, Any] = dict(choose_site(site, turn))
    if case_id is not None:
        effects["handoff"] = {"case": case_id}
        # said here, so the office need not tell it by itself
        effects["told"] = [notification_key(appointment)]
    turn.say(name, {"site": site.id, **when, "day_de": when["day"]}, effects=effects)
    if site.address:
        turn.say("location.address", {"site": site.id, "address": site.id})
    turn.say("appointment.at_counter", {"sentence": "appointment", "code": appointment.code})
    turn.say("appointment.bring", {"papers": papers("appointment", "bring", turn.today)})
    turn.say(
        "appointment.keep",
        {"link": f"/api/appointments/{appointment.id}.ics"},
        [
            choice("choice.move", "reschedule_appointment", appointment=appointment.id),
            choice("choice.cancel", "cancel_appointment", appointment=appointment.id),
        ],
    )
