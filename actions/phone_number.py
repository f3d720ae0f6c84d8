"""A telephone number that a person writes for a call that is being booked, or was."""

from __future__ import annotations

import re
import unicodedata

from actions.base import TYPED
from actions.booking import TOPIC, booking_again
from actions.context import Turn
from actions.conversation import QUESTION_MARKS, repeat_question
from actions.holding import own_appointments

NUMBER = re.compile(r"\+?\(?\d[\d\s()/-]*\d")
FEWEST_DIGITS, MOST_DIGITS = 6, 15
# words beside the number: 'you can call me on'
FEW_WORDS = 5
DATES = ("day", "month", "year", "bad_date")


def phone_number(turn: Turn) -> bool:
    """Thank for a number and go on with what is asked; returns whether the message was one that we wait for.

    The number itself goes nowhere: staff read it in the conversation.
    """
    if not is_number(turn.text) or any(name in turn.entities for name in DATES) or not _call_is_wished(turn):
        return False
    turn.say("appointment.number_received")
    # Nothing else was said: what is held stays held, and no digits answer a question of the law.
    turn.intent, turn.text = "inform", ""
    if turn.memory.awaiting and turn.memory.topic == TOPIC:
        booking_again(turn)
    else:
        repeat_question(turn)
    return True


def is_number(text: str) -> bool:
    """Return whether a message is hardly more than one telephone number, in digits of any script."""
    plain = "".join(char for char in text if unicodedata.category(char) != "Cf")
    digits = [sum(char.isdecimal() for char in found) for found in NUMBER.findall(plain)]
    if len(NUMBER.sub(" ", plain).split()) > FEW_WORDS or set(QUESTION_MARKS) & set(text):
        return False
    return len(digits) == 1 and FEWEST_DIGITS <= digits[0] <= MOST_DIGITS


def _call_is_wished(turn: Turn) -> bool:
    memory = turn.memory
    running = (memory.suspended or {}).get("topic") == TOPIC or (memory.topic == TOPIC and memory.awaiting is not None)
    if running and (memory.booking.get("means") == "phone" or memory.awaiting == "hold"):
        return True
    return any(appointment.means == "phone" for appointment in own_appointments(turn))


TYPED.append(phone_number)
