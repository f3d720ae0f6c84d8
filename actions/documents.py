"""Which papers: the list for a procedure on a day, who fills in what, and which office takes it."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from actions import facts as known
from actions import whom
from actions.base import SpokenAction, flow
from actions.context import Turn, choice
from actions.questions import ask_fact
from eligibility import FactError, TopicError, evaluate

TOPIC = "documents"
FITTING = "documents_fit"
FIT, LOOKS = "fit", "looks"
IN_ONE_MESSAGE = 5
# What makes a list shorter, asked only if the person wishes that: which family forms, which contract, which way.
DECIDING = {
    "benefits_first_application": ("minor_children", "lives_with_partner"),
    "work_permit": ("residence_status", "activity"),
    "integration_course": ("residence_status",),
}
DATA = Path(__file__).parent / "data" / "documents.yml"
ASKED = ("benefits_first_application", "work_permit", "integration_course", "recognition", "child_benefit")
# Who holds one of these gets AsylbLG from the Sozialamt, not SGB II from the Jobcenter (law sheet R1, A).
ASYLBLG_PAPERS = ("ankunftsnachweis", "buema", "aufenthaltsgestattung", "duldung", "ausbildungsduldung",
                  "beschaeftigungsduldung")  # fmt: skip


@cache
def lists() -> dict[str, Any]:
    """Return the file of papers; read once."""
    return dict(yaml.safe_load(DATA.read_text(encoding="utf-8")))


def papers(procedure: str, part: str, on: date) -> list[str]:
    """Return the ids of the papers in a part of a procedure's list on a day."""
    periods = lists()["periods"]

    def holds(paper: str) -> bool:
        period = periods.get(paper, {})
        return bool(period.get("valid_from", date.min) <= on <= period.get("valid_to", date.max))

    return [paper for paper in lists()[procedure].get(part, []) if holds(paper)]


def benefit_name(on: date) -> str:
    """Return the code of the name the Jobcenter's benefit has on a day."""
    return str(max((day, name) for day, name in lists()["benefit_names"].items() if day <= on)[1])


# Part of a list -> the response that says it.
PARTS = (
    ("you_fill_in", "documents.forms_you"),
    ("employer_fills_in", "documents.forms_employer"),
    ("bring", "documents.bring"),
)


class ActionDocuments(SpokenAction):
    action_name = "action_documents"

    def answer(self, turn: Turn) -> None:
        if not whom.hold_back(turn, TOPIC):
            documents(turn)


@flow(TOPIC)
def documents(turn: Turn) -> None:
    """Say the papers for the procedure that was named; ask which one otherwise."""
    known.learn(turn, known.hear(turn, answering=None))
    procedure = turn.entity("procedure")
    change = turn.entity("change")
    if change in (FIT, LOOKS) and procedure in procedures():
        (fit if change == FIT else looks)(turn, str(procedure))
    elif procedure == known.UNKNOWN:
        turn.memory.close()
        turn.say("referral.documents", choices=[choice("choice.person", "request_human", topic="documents")])
    elif procedure is None:
        _ask(turn)
    elif procedure in procedures():
        _say(turn, procedure)
    else:
        turn.memory.close()
        turn.say("referral.documents", choices=[choice("choice.person", "request_human", topic="documents")])


def _ask(turn: Turn) -> None:
    turn.memory.topic = TOPIC
    buttons = [choice(f"procedure.{name}", "ask_required_documents", procedure=name) for name in ASKED]
    turn.ask("procedure", "ask.procedure", choices=[*buttons, choice("choice.dont_know", "dont_know")])


def _say(turn: Turn, procedure: str) -> None:
    turn.memory.close()
    turn.memory.topic = None
    if procedure == "work_permit" and _needs_no_permit(turn):
        turn.say("documents.no_permit_needed", choices=[choice("choice.work_permission", "ask_work_permission")])
        return
    if procedure == "benefits_first_application":
        _who_pays(turn)
    wanted = for_this_person(turn, procedure)
    for part, name in PARTS:
        ids = [paper for paper in papers(procedure, part, turn.today) if paper in wanted]
        if ids:
            turn.say(name, {"papers": ids, "procedure": procedure})
    turn.say(f"documents.office.{lists()[procedure]['office']}")
    if lists()[procedure].get("early"):
        turn.say("documents.apply_early", {"cite": "§ 37 Abs. 2 SGB II"})
    turn.say("documents.print", {"link": _print_link(procedure, wanted)})
    turn.offer(choice("choice.looks", "ask_required_documents", procedure=procedure, change=LOOKS))
    if any(fact not in turn.memory.facts for fact in DECIDING.get(procedure, ())):
        turn.offer(choice("choice.fit_list", "ask_required_documents", procedure=procedure, change=FIT))
    turn.offer(
        choice("choice.book", "book_appointment", topic="benefits" if "benefits" in procedure else "documents"),
        choice("choice.person", "request_human", topic="documents"),
    )


def _print_link(procedure: str, wanted: list[str]) -> str:
    return f"/print/papers?procedure={procedure}&office={lists()[procedure]['office']}&papers={'.'.join(wanted)}"


def procedures() -> list[str]:
    """Return the procedures that have a list."""
    return [name for name in lists() if name not in ("periods", "benefit_names")]


def for_this_person(turn: Turn, procedure: str) -> list[str]:
    """Return the papers of a procedure for what is known of the person; all of them where the rules cannot tell."""
    everything = [paper for part, _ in PARTS for paper in papers(procedure, part, turn.today)]
    facts = {**known.for_the_law(turn.memory.facts), "procedure": procedure}
    try:
        finding = evaluate("documents", facts, turn.today)
    except (FactError, TopicError):
        return everything
    named = finding.extra.get("papers")
    if finding.outcome != "possible" or not isinstance(named, tuple | list):
        return everything
    return [paper for paper in everything if paper in named]


def fit(turn: Turn, procedure: str) -> None:
    """Ask what makes this list shorter, one thing at a time, then say it."""
    memory = turn.memory
    for fact in DECIDING.get(procedure, ()):
        if fact not in memory.facts:
            memory.close()
            memory.topic = FITTING
            ask_fact(turn, fact)
            memory.open_question = {"procedure": procedure}
            return
    _say(turn, procedure)


@flow(FITTING)
def fit_on(turn: Turn) -> None:
    """Take the answer about the person and go on."""
    asked, procedure = turn.memory.awaiting, str(turn.memory.open_question.get("procedure"))
    known.learn(turn, known.hear(turn, answering=asked))
    fit(turn, procedure if procedure in procedures() else "appointment")


def looks(turn: Turn, procedure: str) -> None:
    """Say of each paper what it looks like and where it comes from."""
    turn.memory.close()
    wanted = for_this_person(turn, procedure)
    for first in range(0, len(wanted), IN_ONE_MESSAGE):
        turn.say("documents.papers_look", {"papers": wanted[first : first + IN_ONE_MESSAGE]})
    turn.offer(choice("choice.person", "request_human", topic="documents"))


def _who_pays(turn: Turn) -> None:
    """The benefit's name on this day; who holds a Gestattung or Duldung is told that the Sozialamt pays."""
    if turn.memory.facts.get("residence_status") in ASYLBLG_PAPERS:
        turn.say("documents.asylblg_first")
    turn.say("documents.benefit_name", {"name": benefit_name(turn.today)})


def _needs_no_permit(turn: Turn) -> bool:
    """Return whether the paper named before allows any work, so that nothing has to be applied for."""
    status = turn.memory.facts.get("residence_status")
    if status in (None, known.UNKNOWN):
        return False
    try:
        return evaluate("work_permission", known.for_the_law(turn.memory.facts), turn.today).outcome == "free"
    except (FactError, TopicError):
        return False
