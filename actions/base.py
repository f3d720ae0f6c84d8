"""How every action runs: read the turn, answer, write back what is to be remembered."""

from __future__ import annotations

import copy
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.context import Turn, choice, read_turn

# A message that may faintly be about danger gets the two numbers above its answer: from this probability on, measured on unseen messages (docs/figures.md);
# a bare word or two tells too little.
PERHAPS_DANGER, LEAST_WORDS = 0.1, 4
# … and above a question back, where small talk may hide it (config.yml says the same: `perhaps`).
HIDDEN_DANGER = 0.02
DANGER, NUMBERS = "emergency.numbers", "emergency.in_short"

Flow = Callable[[Turn], None]
# topic -> what goes on with it when its awaited answer has come
FLOWS: dict[str, Flow] = {}


# what looks for the answer to the open question of the law in a message that was taken for something else
SHORT_ANSWERS: list[Callable[[Turn], bool]] = []


# what takes a typed message for what it is, whatever the classifier made of it: a telephone number, 'and on Friday?'
TYPED: list[Callable[[Turn], bool]] = []


# What a message is taken for that only adds a day, a place or a person to the question before.
NOTHING_OF_ITS_OWN = ("nlu_fallback", "inform", "affirm")


# topic -> what goes on with it when something is told after its answer, though nothing was asked
FOLLOW_UPS: dict[str, Callable[[Turn], bool]] = {}


# what takes a button that means the same whatever is asked now: a time, the waiting list, the reminders
UNASKED: list[Callable[[Turn], bool]] = []


# what has to be given back when the person leaves or begins again
ON_LEAVING: list[Callable[[Turn], None]] = []


def flow(*topics: str) -> Callable[[Flow], Flow]:
    """Register a function that goes on with these topics."""

    def register(function: Flow) -> Flow:
        FLOWS.update(dict.fromkeys(topics, function))
        return function

    return register


class SpokenAction(Action, ABC):
    """An action that answers one turn."""

    action_name = ""
    interrupts = True
    """Whether this is a new question: running questions are laid aside and offered again afterwards."""

    def name(self) -> str:
        return self.action_name

    @abstractmethod
    def answer(self, turn: Turn) -> None:
        """Say the answer; `turn.memory` may be changed."""

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        turn = read_turn(tracker)
        before = copy.deepcopy(turn.memory)
        if not _taken_as_typed(turn) and not (self.interrupts and any(answered(turn) for answered in SHORT_ANSWERS)):
            if self.interrupts:
                turn.memory.suspend()
            self.answer(turn)
        if turn.understood:
            turn.memory.misunderstood = 0
        offer_to_go_on(turn)
        if perhaps_danger(turn):
            turn.say(NUMBERS)
            turn.said.insert(0, turn.said.pop())
        for message in turn.said:
            dispatcher.utter_message(json_message=message)
        return turn.memory.events_since(before)


def perhaps_danger(turn: Turn) -> bool:
    """Return whether the numbers belong above an answer to something else: danger that is told by its circumstances is often taken for another wish."""
    said = {message["response"] for message in turn.said}
    least = PERHAPS_DANGER if turn.understood else HIDDEN_DANGER
    return turn.danger >= least and len(turn.text.split()) >= LEAST_WORDS and DANGER not in said


def _taken_as_typed(turn: Turn) -> bool:
    return not turn.text.startswith("/") and any(taken(turn) for taken in TYPED)


def offer_to_go_on(turn: Turn) -> None:
    """Offer to take up the questions that this answer interrupted, unless a new question is open now."""
    if turn.memory.suspended and not turn.memory.awaiting:
        turn.offer(choice("choice.continue", "inform"))
