"""Every other topic of the law through the same interview; an honest referral where there are no rules."""

from __future__ import annotations

from actions.base import SpokenAction, flow
from actions.context import Turn, choice
from actions.findings import say_finding
from actions.here import say_here
from actions.house import CHILDREN, COMPANION, asked_of_house, say_companion, say_house
from actions.interview import begin, interview
from actions.office_procedure import office_procedure
from actions.places import site_of
from eligibility import Finding

# What is asked -> the topic of the law that answers it (law/vocabulary).
TOPIC_OF_INTENT = {
    "ask_benefits": "benefits",
    "ask_status_change": "transition",
    "ask_child_benefit": "child_benefit",
    "ask_vocational_training": "training_support",
    "ask_qualification_recognition": "recognition",
    "ask_housing": "residence_obligation",
}
# Topic of the law -> the desk of an appointment about it (contract 4).
DESK = {
    "work_permission": "work",
    "training_support": "work",
    "training_toleration": "work",
    "employment_toleration": "work",
    "recognition": "documents",
    "documents": "documents",
    "integration_course": "language_course",
    "vocational_language_course": "language_course",
    "benefits": "benefits",
    "transition": "benefits",
    "child_benefit": "benefits",
}


class ActionTopic(SpokenAction):
    """One action for all intents that a topic of the law answers."""

    action_name = "action_topic"

    def answer(self, turn: Turn) -> None:
        topic = TOPIC_OF_INTENT[turn.intent]
        turn.memory.last_answer = {"asked": turn.intent}
        begin(turn, topic)


@interview(*TOPIC_OF_INTENT.values(), "training_toleration", "employment_toleration")
def say_topic(turn: Turn, finding: Finding) -> None:
    """Say the outcome, the paragraph, what to do next, and offer a person."""
    next_step = f"{finding.topic}.next.{finding.outcome}"
    say_finding(turn, finding, next_step=next_step, choices=topic_choices(finding))


def topic_choices(finding: Finding) -> list[dict[str, object]]:
    """The ways on from a finding; the person first where the rules have no answer."""
    person = choice("choice.person", "request_human", topic=DESK.get(finding.topic, "other"))
    change = choice("choice.change_answer", "inform", change="list")
    if finding.outcome == "staff":
        return [person, change]
    ways = [choice("choice.when_allowed", "ask_when_allowed"), change, person]
    if finding.topic == "transition":
        ways.insert(0, choice("choice.step.handover", "ask_office_procedure", step="handover"))
    return ways


class ActionReferral(SpokenAction):
    """Questions that others answer: say who, and offer a person."""

    action_name = "action_referral"

    def answer(self, turn: Turn) -> None:
        refer(turn, turn.intent.removeprefix("ask_"))


@flow("referral")
def refer_instead(turn: Turn) -> None:
    """There are no rules for this topic: say who is responsible."""
    topic = turn.memory.topic or "other"
    turn.memory.topic = None
    refer(turn, topic)


# Referrals that lead to a page of ours as well.
BESIDES = {
    "job_search": [choice("choice.work_permission", "ask_work_permission")],
    "employer_info": [choice("choice.contact", "ask_contact")],
    "interpreter": [choice("choice.book", "book_appointment")],
    "documents": [choice("choice.location", "ask_location")],
}


def refer(turn: Turn, what: str) -> None:
    """Say who is responsible for `what` (an entry `referral.<what>`), and offer a person."""
    turn.memory.close()
    if what == "interpreter" and COMPANION in turn.hints:
        say_companion(turn)
    elif what == "childcare" and CHILDREN in asked_of_house(turn):
        site = site_of(turn)
        if site is None:
            office_procedure(turn)
            return
        say_house(turn, site, [CHILDREN])
    turn.say(f"referral.{what}")
    say_here(turn, what)
    turn.offer(*(dict(c) for c in BESIDES.get(what, [])))
    turn.offer(choice("choice.person", "request_human", topic=DESK.get(what, "other")))
