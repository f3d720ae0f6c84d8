"""The waiting list: join, hear the place, take or decline what is offered, leave."""

from __future__ import annotations

from typing import Any

from actions.appointment_said import when
from actions.base import UNASKED
from actions.context import Turn, choice, open_store
from actions.holding import own, slot_of
from actions.plan import Plan, wish_of
from office import waiting
from office.conversations import get_conversation
from office.errors import UnknownConversation, WaitingError
from office.notifications import notification_key

DECLINE, LEAVE = "decline", "leave"


def join(turn: Turn, plan: Plan) -> None:
    """Put the plan on the list and say the place; what is free already is offered at once.

    Raises NoHours, NoMeans and NoInterpreter. The plan stays in the memory for the time that will be offered.
    """
    try:
        with open_store().begin() as work:
            conversation = get_conversation(work, turn.conversation)
            moving = own(work, conversation, turn, plan.get("moving"))
            waiting.join(work, conversation, plan["site"], wish_of(plan), turn.now, replaces=moving)
            say_place(turn, work, conversation, "waiting.joined")
            work.commit()
            plan["waiting"] = True
    except WaitingError:
        say_too_many(turn)
        turn.memory.booking = {}
    except UnknownConversation:
        turn.say("appointment.only_in_chat")
        turn.memory.booking = {}


def say_place(turn: Turn, work: Any, conversation: Any, name: str) -> bool:
    """Say the place on the list, or what is offered; False if the conversation is on no list."""
    entry = waiting.waiting_of(work, conversation, turn.now)
    if entry is None:
        return False
    offer = waiting.offer_of(work, conversation, turn.now)
    leave = choice("choice.leave_list", "inform", slot=LEAVE)
    if offer is None or offer.held_until is None:
        turn.say(name, {"site": entry.site, "place": waiting.place_in_line(work, entry)}, [leave])
        return True
    begins, until = when(offer.starts_at), when(offer.held_until)
    turn.say(
        "notify.waiting_offer",
        {
            "site": offer.site, **begins, "day_de": begins["day"], "means": offer.means,
            "until_day": until["day"], "until_time": until["time"],
        },
        [
            choice("choice.take_offer", "book_appointment", slot=slot_of(offer)),
            choice("choice.decline_offer", "inform", slot=DECLINE),
            leave,
        ],
        effects={"told": [notification_key(offer, "waiting_offer")]},
    )  # fmt: skip
    return True


def say_too_many(turn: Turn) -> None:
    """Say that this conversation has as many appointments as it may."""
    turn.say(
        "appointment.too_many",
        choices=[choice("choice.my_appointment", "ask_my_appointment"), choice("choice.person", "request_human")],
    )


def pressed(turn: Turn) -> bool:
    """Take 'not then' and 'leave the list', whatever else is asked now."""
    acts = {DECLINE: _decline, LEAVE: _leave}
    act = acts.get(turn.entity("slot") or "")
    if act is None:
        return False
    try:
        with open_store().begin() as work:
            act(turn, work, get_conversation(work, turn.conversation))
            work.commit()
    except (WaitingError, UnknownConversation):
        turn.say("waiting.nothing_offered", choices=[choice("choice.book", "book_appointment")])
    return True


def _decline(turn: Turn, work: Any, conversation: Any) -> None:
    waiting.decline(work, conversation, turn.now)
    say_place(turn, work, conversation, "waiting.declined")


def _leave(turn: Turn, work: Any, conversation: Any) -> None:
    waiting.leave(work, conversation, turn.now)
    if turn.memory.booking.get("waiting"):
        turn.memory.booking = {}
    turn.say(
        "waiting.left",
        choices=[choice("choice.book", "book_appointment"), choice("choice.person", "request_human")],
    )


UNASKED.append(pressed)
