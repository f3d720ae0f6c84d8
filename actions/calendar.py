"""From which day: what the passing of time changes in the coming years."""

from __future__ import annotations

from typing import Any

from actions import facts as known
from actions.base import SpokenAction
from actions.context import Turn, choice
from actions.interview import ANSWERS, begin, judge
from actions.work_permission import TOPIC as WORK
from eligibility import Change, FactError, TopicError, calendar

YEARS = 4
MOST_DAYS = 4
MOST_LEVERS = 2
# Outcomes that say: today it is not possible.
NOT_YET = ("wait", "ban", "not_now", "no")


class ActionWhenAllowed(SpokenAction):
    action_name = "action_when_allowed"

    def answer(self, turn: Turn) -> None:
        memory = turn.memory
        last = (memory.suspended or {}).get("topic") or memory.topic
        topic = last if last in ANSWERS else WORK
        known.learn(turn, known.hear(turn, answering=None))
        try:
            judgement = judge(topic, memory.facts, memory.approximate, turn.today)
            open_question, outcome = judgement.ask, judgement.finding.outcome
        except (FactError, TopicError):
            open_question, outcome = "?", None
        if open_question:
            # Without an answer for today there is none for later: the interview comes first.
            begin(turn, topic)
        else:
            say_calendar(turn, topic, not_yet=outcome in NOT_YET)


def say_calendar(turn: Turn, topic: str, *, not_yet: bool) -> None:
    """Say the days on which the outcome changes if nothing else does, and what would bring one forward.

    `not_yet`: what is asked for is not possible today, so a day from which it may become possible is named, too.
    """
    changes = calendar(topic, known.for_the_law(turn.memory.facts), turn.today, years=YEARS)
    later = [c for c in changes if (c.outcome or not_yet) and c.kind != "fact" and c.on > turn.today]
    sooner = [c for c in changes if c.outcome and c.kind == "fact" and c.fact]
    if later:
        turn.say("calendar.intro")
    else:
        turn.say("calendar.none", {"years": YEARS})
    for change in later[:MOST_DAYS]:
        if change.outcome is None:
            # From this day the answer is another one, but which hangs on a fact that today does not matter.
            turn.say("calendar.open", {"day": change.on.isoformat()})
        else:
            turn.say("calendar.line", {"day": change.on.isoformat(), "outcome": change.outcome})
    for change in sooner[:MOST_LEVERS]:
        turn.say("calendar.sooner", {**_if(change), "day": change.on.isoformat(), "outcome": change.outcome})
    if later and turn.memory.approximate:
        turn.say("finding.approximate")
    turn.offer(
        choice("choice.change_answer", "inform", change="list"),
        choice("choice.person", "request_human"),
    )


def _if(change: Change) -> dict[str, Any]:
    """Name what would have to become so: the entry of the fact's value."""
    value = str(change.value).lower() if isinstance(change.value, bool) else change.value
    return {"fact": change.fact, "value": f"{change.fact}.{value}"}
