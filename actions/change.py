"""Correct an answer, or see the rest of a long list of answers."""

from __future__ import annotations

from actions import facts as known
from actions.base import flow
from actions.context import Turn, choice
from actions.interview import ANSWERS
from actions.questions import OTHER, ask_fact
from eligibility import facts_schema

LIST = "list"
MOST_FACTS = 10


@flow("change_answer")
def change_answer(turn: Turn) -> None:
    """`change` is `list` (show the facts), `other:<fact>` (more values), or a fact to ask again."""
    wanted = turn.entity("change") or LIST
    other, _, fact = wanted.rpartition(":")
    if fact in facts_schema():
        _ask(turn, fact, more=other == OTHER)
    elif turn.memory.facts:
        names = [name for name in turn.memory.facts if name in facts_schema()][:MOST_FACTS]
        turn.say(
            "interview.which_answer",
            choices=[choice("choice.fact", "inform", {"fact": n}, change=n) for n in names],
        )
    else:
        turn.say("interview.nothing_told")


def _ask(turn: Turn, fact: str, *, more: bool) -> None:
    memory = turn.memory
    if not more:
        known.forget(turn, fact)
    if memory.topic not in ANSWERS and memory.suspended:
        memory.resume()
    if more and facts_schema()[fact].kind == "country":
        turn.ask(fact, "ask.nationality_by_name")
        return
    ask_fact(turn, fact, more=more)
