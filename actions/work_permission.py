"""May I work: the interview and its answer; how to apply."""

from __future__ import annotations

from datetime import timedelta

from actions.base import SpokenAction
from actions.context import Turn, choice
from actions.facts import NATIONALITY, PAPER, for_the_law, forget
from actions.findings import say_finding
from actions.interview import BEFORE_ANSWERING, begin, interview
from eligibility import FactError, Finding, evaluate

TOPIC = "work_permission"
# What is no job: allowed more often, so it must not stand when somebody then asks about work itself.
NOT_JOBS = frozenset({"visiting", "school_training", "work_opportunity", "volunteering"})
# Reasons of the rules for that ban.
SAFE_ORIGIN = frozenset({"safe_country", "eu_safe_list"})
PERMITS = ("permit", "permit_with_consent", "permit_with_priority_check")


class ActionWorkPermission(SpokenAction):
    action_name = "action_work_permission"

    def answer(self, turn: Turn) -> None:
        memory = turn.memory
        asked_anew = turn.free and "activity" not in turn.entities and memory.suspended is None
        if asked_anew and memory.facts.get("activity") in NOT_JOBS:
            forget(turn, "activity")
        begin(turn, TOPIC)


def origin_to_ask(turn: Turn, finding: Finding) -> str | None:
    """Return what must be known before somebody with a Duldung hears a yes: § 60a Abs. 6 Satz 1 Nr. 3 AufenthG bans people from safe countries
    whose application was rejected by law, whether or not a letter came. The rules ask for the letter only; None if nothing is left.
    """
    told = for_the_law(turn.memory.facts)
    if finding.outcome not in (*PERMITS, "free") or told.get(PAPER) != "duldung" or told.get("activity") in NOT_JOBS:
        return None
    if NATIONALITY not in told:
        return NATIONALITY
    worst = {
        "procedure_state": "rejected",
        "asylum_applied_on": turn.today - timedelta(days=1),
        "worked_during_procedure": False,
    }
    without_letter = {name: value for name, value in told.items() if name != "work_ban_60a6"}
    try:
        banned = SAFE_ORIGIN & set(evaluate(TOPIC, worst | without_letter, turn.today).reasons)
    except FactError:
        return None
    return next((name for name in worst if banned and name not in told), None)


BEFORE_ANSWERING[TOPIC] = origin_to_ask


@interview(TOPIC)
def say_work_permission(turn: Turn, finding: Finding) -> None:
    """Say the outcome, and what to do with it at which office."""
    say_finding(turn, finding, next_step=next_step(finding), choices=_choices(finding))


def next_step(finding: Finding) -> str:
    """Return the response that says what to do now."""
    if finding.outcome in PERMITS:
        return "work_permission.next.permit"
    return f"work_permission.next.{finding.outcome}"


def _choices(finding: Finding) -> list[dict[str, object]]:
    person = choice("choice.person", "request_human", topic="work")
    change = choice("choice.change_answer", "inform", change="list")
    when = choice("choice.when_allowed", "ask_when_allowed")
    papers = choice("choice.papers_for_this", "ask_required_documents", procedure="work_permit")
    if finding.outcome == "staff":
        return [person, change]
    if finding.outcome == "free":
        return [change, person]
    if finding.outcome in PERMITS:
        return [papers, when, change, person]
    return [when, change, person]


class ActionWorkPermitProcess(SpokenAction):
    """How to apply: who decides, which papers, how long the agency may take."""

    action_name = "action_work_permit_process"

    def answer(self, turn: Turn) -> None:
        turn.say("work_permit_process.who_decides")
        turn.say("work_permit_process.how")
        turn.say(
            "work_permit_process.how_long",
            # § 36 Abs. 2 BeschV (law sheet 4.1): consent is deemed given after two weeks.
            {"cite": "§ 36 Abs. 2 BeschV", "weeks": 2},
            [
                choice("choice.papers_for_this", "ask_required_documents", procedure="work_permit"),
                choice("choice.work_permission", "ask_work_permission"),
                choice("choice.person", "request_human", topic="work"),
            ],
        )
