"""German courses: who may join which one."""

from __future__ import annotations

from actions.base import SpokenAction
from actions.context import Turn, choice
from actions.findings import say_finding
from actions.interview import begin, interview
from actions.topics import topic_choices
from eligibility import Finding

INTEGRATION = "integration_course"
VOCATIONAL = "vocational_language_course"
# Course that prepares for work begins at B1 (§ 4 Abs. 3 DeuFöV, law sheet 2.3).
VOCATIONAL_LEVELS = ("B1", "B2", "C1", "C2")


class ActionLanguageCourse(SpokenAction):
    """The integration course first; a vocational course or a level from B1 on means the other one."""

    action_name = "action_language_course"

    def answer(self, turn: Turn) -> None:
        level = turn.entity("language_level") or turn.memory.facts.get("german_level")
        vocational = turn.entity("procedure") == VOCATIONAL or level in VOCATIONAL_LEVELS
        if turn.entity("procedure") == INTEGRATION:
            vocational = False
        begin(turn, VOCATIONAL if vocational else INTEGRATION)


@interview(INTEGRATION, VOCATIONAL)
def say_course(turn: Turn, finding: Finding) -> None:
    """Say whether the course is open to the person, and name the other kind of course."""
    other = VOCATIONAL if finding.topic == INTEGRATION else INTEGRATION
    obliged = finding.extra.get("obliged")
    say_finding(
        turn,
        finding,
        next_step="integration_course.obliged" if obliged else f"{finding.topic}.next",
        choices=[
            choice("choice.find_course", "find_language_course"),
            choice(f"choice.{other}", "ask_language_course", procedure=other),
            *topic_choices(finding),
        ],
    )
