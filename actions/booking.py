"""A person instead of the machine: topic, place and interpreter asked, three times offered, one booked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from actions import facts as known
from actions import holding, waiting_list
from actions.appointment_said import tell, when
from actions.base import DANGER, NUMBERS, ON_LEAVING, UNASKED, SpokenAction, flow
from actions.context import Turn, choice, open_store
from actions.opening_hours import say_access
from actions.places import choose_site, site_choices
from actions.plan import (
    DESKS,
    GENDERS,
    NO_INTERPRETER,
    WANTED,
    WISHES,
    changed,
    forget_time,
    like,
    take,
    wish_of,
)
from actions.topics import DESK
from office.appointments import MAX_OPEN, Appointment, get_appointment
from office.cases import open_case
from office.conversations import get_conversation
from office.errors import (
    HoldExpired,
    NoHours,
    NoInterpreter,
    NoMeans,
    OfficeError,
    SlotTaken,
    SlotUnknown,
    TooManyAppointments,
    TooManyHolds,
    UnknownAppointment,
    UnknownConversation,
)
from office.sites import Site, sites
from office.slots import Offered, Slot, Wish, offered, search, slot_start

TOPIC = "booking"
OFFERED = 3
MORE, NO_SLOT, WAIT, SECOND = "more", "none", "wait", "second"
NO_TIME = (MORE, NO_SLOT, WAIT, SECOND, known.UNKNOWN)
MEANS_CHOICES = {"on_site": "choice.in_office", "phone": "choice.by_phone", "video": "choice.by_video"}


class ActionRequestHuman(SpokenAction):
    action_name = "action_request_human"

    def answer(self, turn: Turn) -> None:
        site = sites().get(turn.site or "")
        if DANGER not in (turn.before or ()):
            start(turn)
            return
        # whoever asks for a person in danger is not asked what for, nor given a day next week
        turn.say(NUMBERS)
        if site is not None:
            hand_over(turn, site)
        else:
            turn.memory.booking = {"topic": "other"}
            turn.memory.topic = TOPIC
            booking(turn)


class ActionBookAppointment(SpokenAction):
    action_name = "action_book_appointment"

    def answer(self, turn: Turn) -> None:
        start(turn)


# beginning and going on ----------------------------------------------------------------------------------------


def start(turn: Turn) -> None:
    """Begin a booking with what is known already: the running topic, the site, an earlier appointment."""
    memory = turn.memory
    running = (memory.suspended or {}).get("topic") or memory.topic
    if (memory.suspended or {}).get("topic") == TOPIC:
        # Asking for a person twice goes on with the booking that is open.
        memory.suspended = None
    elif not (memory.booking.get("waiting") and turn.entity("slot")):
        # A time that the waiting list offers belongs to the wish it was waited with.
        holding.release(turn)
        memory.booking = {}
    if earlier := turn.entity("appointment"):
        _begin_again(turn, earlier)
    if turn.entity("slot") is None:
        if running in DESK:
            memory.booking.setdefault("topic", DESK[running])
        if turn.site:
            memory.booking.setdefault("site", turn.site)
    memory.topic = TOPIC
    booking(turn)


def _begin_again(turn: Turn, appointment_id: str) -> None:
    """Plan the same as an earlier appointment of this conversation; one still ahead is moved."""
    try:
        with open_store().read() as work:
            conversation = get_conversation(work, turn.conversation)
            earlier = get_appointment(work, appointment_id)
            if earlier.conversation_id != conversation.id:
                raise UnknownAppointment("It belongs to another conversation.")
            ahead = holding.own(work, conversation, turn, appointment_id) is not None
            turn.memory.booking = {**like(earlier), "moving" if ahead else "again": earlier.id}
    except (UnknownAppointment, UnknownConversation):
        turn.say("appointment.not_open")


@flow(TOPIC)
def booking(turn: Turn) -> None:
    """Take what was said and ask for what is missing, one thing at a time."""
    asked = turn.memory.awaiting
    turn.memory.close()
    turn.memory.topic = TOPIC
    if hold_id := turn.entity("hold"):
        confirm(turn, hold_id)
        return
    slot = turn.entity("slot")
    if asked == "hold":
        if _answered_summary(turn):
            return
        slot = MORE if slot is None and turn.intent == "deny" else slot
    bare = "topic" not in turn.memory.booking
    take(turn, asked)
    plan = turn.memory.booking
    if slot == WAIT and plan.get("site"):
        wait(turn)
    elif slot == NO_SLOT and plan.get("site") and plan.get("topic"):
        hand_over(turn, sites()[plan["site"]])
    elif slot and slot not in NO_TIME:
        # A button that was left over says nothing of the means or an interpreter: better asked once more.
        choose(turn, slot, careful=bare)
    elif not plan.get("topic"):
        _ask_topic(turn)
    elif not plan.get("site"):
        _ask_site(turn)
    elif not (_asked_second(turn, asked) or _asked_how(turn, sites()[plan["site"]], asked)):
        offer(turn, sites()[plan["site"]], later=slot == MORE)


def booking_again(turn: Turn) -> None:
    """Ask again for what is missing, without what this message said."""
    turn.entities = {}
    booking(turn)


def left_over(turn: Turn) -> bool:
    """Take a time or a 'yes, book' that was pressed when nothing of the kind is asked: tapped twice, or late."""
    slot = turn.entity("slot")
    if not turn.entity("hold") and (slot is None or slot_start(slot) is None):
        return False
    memory = turn.memory
    if memory.awaiting and memory.topic == TOPIC:
        return False
    if (memory.suspended or {}).get("topic") == TOPIC:
        memory.close()
        memory.suspended = None
    else:
        memory.suspend()
    booking(turn)
    return True


UNASKED.append(left_over)
ON_LEAVING.append(holding.release)


# questions -----------------------------------------------------------------------------------------------------


def _ask_topic(turn: Turn) -> None:
    choices = [choice(f"topic.{desk}", "inform", topic=desk) for desk in DESKS]
    turn.ask("topic", "ask.topic", choices=[*choices, choice("choice.stop", "stop")])


def _ask_site(turn: Turn) -> None:
    if turn.entity("site") not in (None, known.UNKNOWN):
        turn.say("place.not_ours", {"town": turn.entity("site")})
    turn.ask("site", "ask.site", choices=[*site_choices(), choice("choice.stop", "stop")])


def _asked_second(turn: Turn, asked: str | None) -> bool:
    """Ask whoever has an appointment at this site already whether a second one is meant; False if there is nothing to ask."""
    plan = turn.memory.booking
    if any(plan.get(name) for name in ("second", "moving", "again", "waiting")):
        return False
    own = holding.own_appointments(turn)
    there = next((appointment for appointment in own if appointment.site == plan["site"]), None)
    if there is None or len(own) >= MAX_OPEN:
        return False
    if asked == "second" and not turn.resumed:
        if turn.intent == "deny":
            turn.say("conversation.nothing_changed")
            _done(turn)
            return True
        # Who names a day has heard of the first appointment and wishes for another.
        if turn.intent == "affirm" or turn.entity("slot") == SECOND or any(name in turn.entities for name in WISHES):
            plan["second"] = True
            return False
    begins = when(there.starts_at)
    turn.ask(
        "second",
        "ask.second",
        {"site": there.site, **begins, "day_de": begins["day"]},
        [
            choice("choice.move", "book_appointment", appointment=there.id),
            choice("choice.second", "inform", slot=SECOND),
            choice("choice.answer_here", "inform", slot=NO_SLOT),
            choice("choice.stop", "stop"),
        ],
    )
    return True


def _asked_how(turn: Turn, site: Site, asked: str | None) -> bool:
    """Ask for the interpreter, then for a woman or a man, where there is a choice; False if nothing is to be asked."""
    plan = turn.memory.booking
    there = _offered(site)
    if there is None:
        return False
    if "means" not in plan and "on_site" not in there.means:
        plan["means"] = there.means[0]
    languages = [code for code in there.interpreters if code != "de"]
    wanted = plan.get("interpreter_wanted")
    if "interpreter" not in plan and (wanted or turn.language != "de"):
        says_yes = asked == "interpreter" and turn.intent == "affirm" and not turn.resumed
        if says_yes and turn.language in languages:
            plan["interpreter"] = turn.language
        elif says_yes and languages and turn.language != "de":
            # A yes without a language means the person's own, never the only one that there happens to be.
            values = {"site": site.id, "language": turn.language}
            ask_interpreter(turn, "appointment.no_interpreter", values, languages)
            return True
        elif languages:
            ask_interpreter(turn, "ask.interpreter", {"site": site.id}, languages)
            return True
        elif wanted:
            turn.say("appointment.no_interpreter_here", {"site": site.id})
            plan["interpreter"] = NO_INTERPRETER
    genders = there.interpreters.get(plan.get("interpreter", ""), frozenset())
    if len(genders) == len(GENDERS) and "gender" not in plan:
        choices = [choice(f"choice.gender_{gender}", "inform", gender=gender) for gender in GENDERS]
        whichever = choice("choice.gender_any", "inform", gender=known.UNKNOWN)
        turn.ask("gender", "ask.gender", choices=[whichever, *choices, choice("choice.stop", "stop")])
        return True
    return False


def _offered(site: Site) -> Offered | None:
    try:
        with open_store().read() as work:
            return offered(work, site.id)
    except NoHours:
        return None


def ask_interpreter(turn: Turn, name: str, values: dict[str, Any], languages: Sequence[str]) -> None:
    """Ask for the language to be interpreted; the chat's own language comes first if somebody interprets it."""
    ordered = sorted(languages, key=lambda code: code != turn.language)
    choices = [choice("choice.interpreter", "inform", {"language": code}, interpreter=code) for code in ordered]
    without = choice("choice.no_interpreter", "inform", interpreter=NO_INTERPRETER)
    # The most likely answer stands on top.
    likely = turn.language in languages or (name == "ask.interpreter" and turn.memory.booking.get("interpreter_wanted"))
    choices = [*choices, without] if likely else [without, *choices]
    turn.ask("interpreter", name, values, [*choices, choice("choice.stop", "stop")])


# offering ------------------------------------------------------------------------------------------------------


def offer(turn: Turn, site: Site, *, later: bool = False, slots: Sequence[Slot] = ()) -> None:
    """Offer three free slots (`slots`, if given); without known hours a case is opened instead."""
    plan = turn.memory.booking
    try:
        slots = slots or find_slots(turn, site, plan.get("last_offered") if later else None)
    except NoHours:
        turn.say("appointment.no_hours", {"site": site.id})
        say_access(turn, site)
        hand_over(turn, site)
        return
    except NoMeans as error:
        no_means(turn, site, error)
        return
    except NoInterpreter as error:
        no_interpreter(turn, site, error)
        return
    if not slots:
        none_free(turn, site)
        return
    plan["last_offered"] = slots[-1].id
    wish = wish_of(plan)
    values = {"site": site.id, "n": len(slots)}
    choices = [choice("choice.slot", "inform", when(slot.starts_at), slot=slot.id) for slot in slots]
    choices += _other_ways(turn, site)
    if wish.means == "on_site":
        turn.ask("slot", "appointment.offer", values, choices)
    else:
        turn.ask("slot", "appointment.offer_by", {**values, "means": wish.means}, choices)
    if effects := choose_site(site, turn):
        turn.said[-1]["effects"] = effects


def find_slots(turn: Turn, site: Site, after: str | None) -> list[Slot]:
    """Return up to three free slots as wished; other times if nothing is free then, and that is said.

    Raises NoHours for a site whose hours are not known, NoMeans and NoInterpreter.
    """
    plan = turn.memory.booking
    found = _search(turn, site, wish_of(plan), after)
    if not found and forget_time(plan):
        found = _search(turn, site, wish_of(plan), None)
        if found:
            turn.say("appointment.none_then", {"site": site.id})
    elif not found and after:
        found = _search(turn, site, wish_of(plan), None)
        if found:
            turn.say("appointment.no_later")
    return found


def _search(turn: Turn, site: Site, wish: Wish, after: str | None) -> list[Slot]:
    with open_store().read() as work:
        return search(work, site.id, turn.now, wish, n=OFFERED, after=slot_start(after) if after else None)


def _other_ways(turn: Turn, site: Site) -> list[dict[str, Any]]:
    plan = turn.memory.booking
    there = _offered(site)
    means = wish_of(plan).means
    ways = [
        choice(MEANS_CHOICES[other], "inform", means=other)
        for other in (there.means if there else ())
        if other != means
    ]
    if "interpreter" in plan and there and there.interpreters:
        ways.append(choice("choice.change_interpreter", "inform", interpreter=WANTED))
    ways.append(choice("choice.other_times", "inform", slot=MORE))
    if not plan.get("moving"):
        ways.append(choice("choice.answer_here", "inform", slot=NO_SLOT))
    return [*ways, choice("choice.stop", "stop")]


def none_free(turn: Turn, site: Site) -> None:
    """Nothing is free in all the weeks that can be booked: wait for a time, or be answered here."""
    ways = [choice("choice.tell_me", "inform", slot=WAIT), *_other_ways(turn, site)]
    ways = [way for way in ways if way["label"] != "choice.other_times"]
    turn.ask("slot", "appointment.none_free", {"site": site.id}, ways)


def no_means(turn: Turn, site: Site, error: NoMeans) -> None:
    """Say which means there are, and go on with the first of them."""
    turn.say("appointment.no_means", {"site": site.id, "means": list(error.means)})
    turn.memory.booking["means"] = error.means[0]
    offer(turn, site)


def no_interpreter(turn: Turn, site: Site, error: NoInterpreter) -> None:
    """Nobody interprets as wished: offer what there is, or to come without."""
    plan = turn.memory.booking
    language = plan.get("interpreter")
    if not changed(plan):
        # So it was booked before, when nobody was needed or somebody was there.
        plan["interpreter"] = NO_INTERPRETER
        plan["usual"] = [wish_of(plan).means, None, wish_of(plan).gender]
        offer(turn, site)
    elif error.because == "gender":
        turn.say("appointment.no_interpreter_gender", {"language": language})
        plan["gender"] = known.UNKNOWN
        offer(turn, site)
    elif error.because == "means":
        turn.say("appointment.no_interpreter_means", {"language": language, "means": wish_of(plan).means})
        plan["means"] = "on_site"
        offer(turn, site)
    elif languages := [code for code in error.languages if code != "de"]:
        plan.pop("interpreter", None)
        plan["interpreter_wanted"] = True
        ask_interpreter(turn, "appointment.no_interpreter", {"site": site.id, "language": language}, languages)
    else:
        turn.say("appointment.no_interpreter_here", {"site": site.id})
        plan["interpreter"] = NO_INTERPRETER
        offer(turn, site)


# choosing ------------------------------------------------------------------------------------------------------


def choose(turn: Turn, slot_id: str, *, careful: bool = False) -> None:
    """Take the chosen slot: booked at once if nothing unusual was wished, else held and read back first."""
    plan = turn.memory.booking
    site = sites().get(slot_id.partition(":")[0])
    if site is None:
        turn.say("appointment.slot_gone")
        booking_again(turn)
        return
    plan["site"] = site.id
    plan.setdefault("topic", "other")
    plan["means"] = holding.means_of(slot_id)
    careful = (careful or changed(plan) or bool(plan.get("waiting"))) and not holding.offered_to(turn, slot_id)
    try:
        if careful:
            _held(turn, holding.reserve(turn, slot_id), site)
        else:
            _booked(turn, *holding.book(turn, slot_id))
    except (SlotTaken, SlotUnknown) as error:
        turn.say("appointment.taken" if isinstance(error, SlotTaken) else "appointment.slot_gone")
        holding.release(turn)
        offer(turn, site, slots=error.next)
    except TooManyHolds as error:
        ways = [way for way in _other_ways(turn, site) if way["label"] in ("choice.answer_here", "choice.stop")]
        turn.ask("slot", "appointment.too_many_holds", {"n": error.minutes}, ways)
    except NoMeans as error:
        no_means(turn, site, error)
    except NoInterpreter as error:
        no_interpreter(turn, site, error)
    except (TooManyAppointments, UnknownConversation) as error:
        _refused(turn, error)


def _held(turn: Turn, held: Appointment, site: Site) -> None:
    if held.state == "held":
        turn.memory.booking["hold"] = held.id
        summary(turn, held)
    else:
        # It was booked already.
        tell(turn, held, site, "appointment.yours")
        _done(turn)


def summary(turn: Turn, held: Appointment) -> None:
    """Read back what is held, and ask whether it is to be booked."""
    begins = when(held.starts_at)
    values = {"site": held.site, **begins, "day_de": begins["day"], "means": held.means}
    if held.held_until is not None:
        values["until"] = when(held.held_until)["time"]
    name = "appointment.summary"
    if held.language:
        name, values["language"] = "appointment.summary_interpreted", held.language
    turn.ask(
        "hold",
        name,
        values,
        [
            choice("choice.book_it", "inform", hold=held.id),
            choice("choice.another_time", "inform", slot=MORE),
            choice("choice.stop", "stop"),
        ],
    )


def _answered_summary(turn: Turn) -> bool:
    """Take yes for a booking; read the summary again if nothing new was said. False: something else is wished."""
    plan = turn.memory.booking
    hold_id = plan.get("hold") or ""
    if turn.intent == "affirm" and not turn.resumed:
        confirm(turn, hold_id)
        return True
    slot = turn.entity("slot")
    says_no = turn.intent == "deny" and not turn.resumed
    news = [name for name in WISHES if name in turn.entities and turn.entity(name) != plan.get(name)]
    if not says_no and slot in (None, known.UNKNOWN) and not news:
        held = holding.held_now(turn)
        if held is None:
            confirm(turn, hold_id)  # says that it ran out, or that it is booked
        else:
            summary(turn, held)
        return True
    if slot is None or slot in NO_TIME:
        holding.release(turn)
    return False


def confirm(turn: Turn, hold_id: str) -> None:
    """Book what is held; if that ran out, offer its time again or the next ones."""
    try:
        appointment, case_id = holding.confirm(turn, hold_id)
    except HoldExpired as error:
        turn.say("appointment.hold_expired")
        plan = turn.memory.booking
        plan.pop("hold", None)
        if error.next:
            plan["site"] = error.next[0].site
            plan.setdefault("topic", "other")
            plan["means"] = error.next[0].means
            offer(turn, sites()[plan["site"]], slots=error.next)
        else:
            booking_again(turn)
    except (TooManyAppointments, UnknownConversation) as error:
        _refused(turn, error)
    else:
        _booked(turn, appointment, case_id)


def _booked(turn: Turn, appointment: Appointment, case_id: int) -> None:
    name = "appointment.moved" if appointment.sequence else "appointment.booked"
    tell(turn, appointment, sites()[appointment.site], name, case_id)
    _done(turn)


def _refused(turn: Turn, error: OfficeError) -> None:
    """Say that this conversation has enough appointments, or can have none."""
    holding.release(turn)
    if isinstance(error, UnknownConversation):
        turn.say("appointment.only_in_chat")
    else:
        waiting_list.say_too_many(turn)
    _done(turn)


# without a time ------------------------------------------------------------------------------------------------


def wait(turn: Turn) -> None:
    """Put the plan on the waiting list."""
    plan = turn.memory.booking
    try:
        waiting_list.join(turn, plan)
    except (NoMeans, NoInterpreter, NoHours):
        offer(turn, sites()[plan["site"]])
        return
    turn.memory.close()
    turn.memory.topic = None


def hand_over(turn: Turn, site: Site) -> None:
    """Open a case without an appointment: a person will answer in this chat."""
    try:
        with open_store().begin() as work:
            conversation = get_conversation(work, turn.conversation)
            case = open_case(
                work, conversation, topic=turn.memory.booking.get("topic", "other"), site=site.id,
                facts=holding.facts_for_staff(turn), now=turn.now, kind="handoff",
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
