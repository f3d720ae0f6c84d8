"""The interview of any topic of the law: merge what was said, ask what can change the answer, answer."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from actions import facts as known
from actions import whom
from actions.base import FLOWS
from actions.context import Turn, choice
from actions.questions import ask_fact
from eligibility import FactError, Finding, TopicError, evaluate, facts_schema

# Two ranges are four evaluations; nobody is vague about more than this at once.
MOST_RANGES = 3
Answer = Callable[[Turn, Finding], None]
# topic of the law -> how its finding is said; filled by the topic files
ANSWERS: dict[str, Answer] = {}
# topic of the law -> what to ask before an answer is said, though the rules would not (None: nothing)
BEFORE_ANSWERING: dict[str, Callable[[Turn, Finding], str | None]] = {}


def interview(*topics: str) -> Callable[[Answer], Answer]:
    """Register how the findings of these topics are said; the interview itself is the same for all."""

    def register(function: Answer) -> Answer:
        for topic in topics:
            ANSWERS[topic] = function
            FLOWS[topic] = lambda turn, topic=topic: go_on(turn, topic)  # type: ignore[misc]
        return function

    return register


@dataclass(frozen=True)
class Judgement:
    """What can be said now: a finding, the next fact to ask, or the fact whose exact day decides."""

    finding: Finding
    ask: str | None = None
    exact: bool = False


def judge(topic: str, facts: dict[str, Any], approximate: dict[str, list[str]], on: date) -> Judgement:
    """Evaluate with every end of every vague date; only an outcome they all share is an answer.

    Raises what `eligibility.evaluate` raises: FactError, TopicError.
    """
    law = known.for_the_law(facts)
    vague = sorted(name for name in approximate if name in law)[:MOST_RANGES]
    findings: list[Finding] = []
    ends: list[tuple[int, ...]] = []
    impossible: FactError | None = None
    for corner in itertools.product((1, 0), repeat=len(vague)):
        days = {name: date.fromisoformat(approximate[name][end]) for name, end in zip(vague, corner, strict=True)}
        try:
            findings.append(evaluate(topic, law | days, on))
            ends.append(corner)
        except FactError as error:
            # 'Came in January, this paper for five months': not every pair of days within is possible.
            impossible = error
    if impossible is not None and not findings:
        raise impossible
    latest = findings[0]
    for finding in findings:
        if finding.outcome is None and finding.next_question:
            return Judgement(finding, ask=finding.next_question)
    if len({_gist(finding) for finding in findings}) > 1:
        return Judgement(latest, ask=_deciding(vague, ends, findings), exact=True)
    return Judgement(latest)


def _deciding(vague: list[str], ends: list[tuple[int, ...]], findings: list[Finding]) -> str:
    """Return the vague date that changes the outcome by itself; the first one if only several together do."""
    for place, name in enumerate(vague):
        alone = tuple(0 if p == place else end for p, end in enumerate(ends[0]))
        if alone in ends and _gist(findings[ends.index(alone)]) != _gist(findings[0]):
            return name
    return vague[0]


def _gist(finding: Finding) -> tuple[str | None, str | None]:
    return finding.outcome, finding.strength


def begin(turn: Turn, topic: str) -> None:
    """Start (or go on with) the interview of a topic with all that was said in this message.

    If it names somebody else than the person of the facts told so far, whom it is about is asked first.
    """
    if whom.hold_back(turn, topic):
        return
    memory = turn.memory
    answering = None
    if memory.suspended and memory.suspended["topic"] == topic:
        # The same question again, perhaps with more facts in it: the open question goes on.
        answering = memory.suspended["awaiting"]
        memory.suspended = None
    memory.topic = topic
    heard = known.hear(turn, answering=answering)
    known.learn(turn, heard)
    if not _complain_about_dates(turn, heard) or memory.awaiting is None:
        step(turn, topic)


def go_on(turn: Turn, topic: str) -> None:
    """Take the answer to the open question of a topic and go on."""
    asked = turn.memory.awaiting
    heard = known.hear(turn, answering=asked)
    changed = known.learn(turn, heard)
    _complain_about_dates(turn, heard)
    idle = not changed and not turn.said and not turn.resumed
    if asked and idle and asked not in turn.memory.facts:
        turn.say("interview.not_an_answer")
    step(turn, topic)


def _complain_about_dates(turn: Turn, heard: known.Heard) -> bool:
    """Say kindly that a day does not exist or is still to come; return whether something was said."""
    if turn.entity("bad_date"):
        turn.say("interview.no_such_day")
    elif heard.still_to_come and not heard.exact:
        turn.say("interview.still_to_come")
    return bool(turn.said)


def step(turn: Turn, topic: str) -> None:
    """Ask the next fact or say the answer."""
    memory = turn.memory
    memory.topic = topic
    exact_asked = memory.open_question.get("exact_asked", [])
    memory.close()
    if memory.unconfirmed:
        confirm(turn)
        return
    try:
        judgement = judge(topic, memory.facts, memory.approximate, turn.today)
    except FactError as error:
        _clear_up(turn, error)
        return
    except TopicError:
        FLOWS["referral"](turn)
        return
    if judgement.exact and judgement.ask in exact_asked:
        # Asked for the day already: then the day is not known, and a person has to look.
        memory.facts[judgement.ask] = known.UNKNOWN
        memory.approximate.pop(judgement.ask, None)
        step(turn, topic)
    elif judgement.ask:
        if judgement.exact:
            memory.open_question = {"exact_asked": [*exact_asked, judgement.ask]}
        elif exact_asked:
            memory.open_question = {"exact_asked": exact_asked}
        ask_fact(turn, judgement.ask, exact=judgement.exact)
    elif topic in BEFORE_ANSWERING and (first := BEFORE_ANSWERING[topic](turn, judgement.finding)):
        ask_fact(turn, first)
    else:
        ANSWERS[topic](turn, judgement.finding)


def confirm(turn: Turn) -> None:
    """Ask whether what was heard in free words is true of the person, today: a paper, or a nationality."""
    memory = turn.memory
    name, value = next(iter(memory.unconfirmed.items()))
    changed = memory.facts.get(name, known.UNKNOWN) != known.UNKNOWN
    if changed and whom.persons(turn) - {whom.WRITER}:
        memory.open_question = {whom.TOPIC: True}
    said = {"value": f"{name}.{value}"} if facts_schema()[name].kind == "code" else {"value": value}
    turn.ask(
        name,
        f"confirm.{name}.for_another" if whom.speaks_for_another(turn) else f"confirm.{name}",
        said,
        [
            choice("choice.yes", "inform", **{name: value}),
            choice("choice.no", "deny"),
            *([whom.another_person(**{name: value})] if changed else []),
            choice("choice.dont_know", "dont_know", **{name: known.UNKNOWN}),
        ],
    )


def _clear_up(turn: Turn, error: FactError) -> None:
    """Facts that cannot be true together: name one of them and ask it again.

    The day itself may be what the rules do not know (before 2015); then only a person can help.
    """
    if error.fact not in facts_schema():
        turn.say("interview.no_rules_for_this_day", choices=[choice("choice.person", "request_human")])
        return
    turn.say("interview.contradiction", {"fact": error.fact})
    known.forget(turn, error.fact)
    ask_fact(turn, error.fact)
