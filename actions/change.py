"""Correct an answer, or see the rest of a long list of answers."""

from __future__ import annotations

from actions import facts as known
from actions import whom
from actions.base import FLOWS, NOTHING_OF_ITS_OWN, TYPED, flow
from actions.context import Turn, choice
from actions.interview import ANSWERS, begin
from actions.questions import OTHER, ask_fact
from eligibility import facts_schema

LIST = "list"
MOST_FACTS = 10
# Longer messages say more than whom it is about.
FEW_WORDS = 4


@flow("change_answer")
def change_answer(turn: Turn) -> None:
    """`change` is `list` (show the facts), `other:<fact>` (more values), a fact to ask again, or whom it is about (whom.py)."""
    wanted = turn.entity("change") or LIST
    if wanted in (whom.SAME, whom.ANOTHER):
        _about(turn, another=wanted == whom.ANOTHER)
        return
    other, _, fact = wanted.rpartition(":")
    if fact in facts_schema():
        _ask(turn, fact, more=other == OTHER)
    elif turn.memory.facts:
        names = [name for name in turn.memory.facts if name in facts_schema()][:MOST_FACTS]
        turn.say(
            "interview.which_answer",
            choices=[*(choice("choice.fact", "inform", {"fact": n}, change=n) for n in names), whom.another_person()],
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


@flow(whom.TOPIC)
def same_or_another(turn: Turn) -> None:
    """Take a typed answer to 'is this about the same person?'. Who does not know is asked anew, as about another one."""
    if turn.free and whom.names_another(turn):
        _about(turn, another=True)
    elif turn.intent in ("affirm", "deny", "dont_know"):
        _about(turn, another=turn.intent != "affirm")
    else:
        whom.ask_again(turn)


def _about(turn: Turn, *, another: bool) -> None:
    """Go on with the facts of the same person, or with none; then with the message that had to wait, or with the topic."""
    topic = turn.memory.topic
    if another:
        if topic not in ANSWERS and turn.memory.suspended:
            topic = turn.memory.suspended["topic"]
        whom.forget_person(turn)
    waiting = whom.take_up(turn)
    if waiting is not None:
        if waiting in ANSWERS:
            begin(turn, waiting)
        else:
            FLOWS[waiting](turn)
        return
    known.learn(turn, known.hear(turn, answering=None))
    if topic in ANSWERS:
        FLOWS[topic](turn)
    else:
        turn.offer(choice("choice.work_permission", "ask_work_permission"))


def said_whom(turn: Turn) -> bool:
    """Take a few typed words for whom it is about: the answer to that question, or 'and I?' after an answer of the law; returns whether they were."""
    memory = turn.memory
    if len(turn.text.split()) > FEW_WORDS:
        return False
    if memory.awaiting == whom.TOPIC and whom.names_another(turn):
        same_or_another(turn)
        return True
    topic = memory.topic or ""
    if memory.awaiting or topic not in ANSWERS or turn.intent not in NOTHING_OF_ITS_OWN or not whom.persons(turn):
        return False
    begin(turn, topic)
    return True


TYPED.append(said_whom)
