"""Whom the facts belong to: what was told of one person must not answer the question of the next."""

from __future__ import annotations

from actions.context import FREE, Turn, choice
from actions.facts import UNKNOWN

TOPIC = "whom"
# The values of `change` that answer the question.
SAME, ANOTHER = "same_person", "another_person"
WHO, WRITER, NEXT_ONE, THIRD, ELSE = "who:", "me", "other", "third", "else"
# Says what is wished, not who somebody is.
WISH = "activity"


def persons(turn: Turn) -> set[str]:
    """Return whom the message is about, as the ear says it: `me`, `partner`, `client`, …; `other` = the next of them."""
    return {hint.removeprefix(WHO) for hint in turn.hints if hint.startswith(WHO)}


def knows_somebody(turn: Turn) -> bool:
    """Return whether facts of a person were told in this conversation."""
    return any(name != WISH and value != UNKNOWN for name, value in turn.memory.facts.items())


def in_doubt(turn: Turn) -> bool:
    """Return whether a message in free words names somebody else than the person the known facts were told of."""
    if not turn.free or not knows_somebody(turn):
        return False
    named = persons(turn)
    if named == {THIRD}:
        return not speaks_for_another(turn)
    return _somebody_else(turn, named)


def _somebody_else(turn: Turn, named: set[str]) -> bool:
    return NEXT_ONE in named or (bool(named) and named.isdisjoint(turn.memory.about or [WRITER]))


def speaks_for_another(turn: Turn) -> bool:
    """Return whether the person who writes asks for somebody else."""
    return bool(turn.memory.about) and WRITER not in turn.memory.about


def remember(turn: Turn) -> None:
    """Keep whom the facts known from now on are about."""
    turn.memory.about = sorted({*turn.memory.about, *persons(turn)} - {NEXT_ONE})


def hold_back(turn: Turn, topic: str) -> bool:
    """Ask whom the message is about before the known facts answer it; return whether that is in doubt."""
    if in_doubt(turn):
        ask(turn, topic)
        return True
    remember(turn)
    return False


def names_another(turn: Turn) -> bool:
    """Return whether a typed answer to the question names another person ('my brother', 'the other one')."""
    return ELSE in turn.hints or _somebody_else(turn, persons(turn))


def ask(turn: Turn, topic: str) -> None:
    """Ask whether it is the same person, and keep what was said in the message for the answer."""
    memory = turn.memory
    memory.topic = TOPIC
    memory.open_question = {
        "topic": topic,
        "intent": turn.intent,
        "text": turn.text,
        "entities": turn.entities,
        "hints": sorted(turn.hints),
    }
    ask_again(turn)


def ask_again(turn: Turn) -> None:
    """Say the question."""
    turn.ask(TOPIC, "ask.whom", choices=[choice("choice.same_person", "inform", change=SAME), another_person()])


def another_person(**told: str) -> dict[str, object]:
    """Build the button 'another person'; `told` is what was just said of that person."""
    return choice("choice.another_person", "inform", change=ANOTHER, **told)


def forget_person(turn: Turn) -> None:
    """Forget all facts of the person before, and the interview about them."""
    memory = turn.memory
    memory.facts, memory.approximate, memory.unconfirmed, memory.about = {}, {}, {}, []
    memory.suspended = None
    turn.say("conversation.person_forgotten")


def take_up(turn: Turn) -> str | None:
    """Put the message that was waiting for the answer back into the turn; return its topic, None if none was waiting."""
    memory = turn.memory
    waiting = memory.open_question
    if memory.topic != TOPIC or not waiting:
        return None
    memory.close()
    turn.intent, turn.text, turn.entities = waiting["intent"], waiting["text"], waiting["entities"]
    turn.hints = frozenset({FREE, *waiting["hints"]} - {f"{WHO}{NEXT_ONE}"})
    remember(turn)
    return str(waiting["topic"])
