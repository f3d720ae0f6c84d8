"""How a fact is asked: the question's name and the buttons that answer it."""

from __future__ import annotations

from typing import Any

from actions.context import Turn, choice
from actions.facts import UNKNOWN
from eligibility import facts_schema

# Long lists are cut to what people at the counters mostly hold; the rest comes with 'other'.
COMMON: dict[str, tuple[str, ...]] = {
    "residence_status": (
        "aufenthaltsgestattung",
        "duldung",
        "ae_25_2_refugee",
        "ae_25_2_subsidiary",
        "ae_25_3",
        "ae_24",
        "ankunftsnachweis",
    ),
    "nationality": ("SY", "AF", "IQ", "IR", "UA", "TR", "ER", "NG"),
    "activity": (
        "employment",
        "minijob",
        "vocational_training",
        "internship_orientation",
        "internship_compulsory",
        "temp_work",
        "self_employment",
    ),
    "work_district": ("mettmann", "duesseldorf", "koeln", "ahlen-muenster", "herford", "dortmund", "essen"),
}
MOST_BUTTONS = 8
OTHER = "other"


def ask_fact(turn: Turn, fact: str, *, more: bool = False, exact: bool = False) -> None:
    """Ask for one fact. `more`: the rest of a long list; `exact`: the day, where a month was said."""
    spec = facts_schema()[fact]
    name = f"ask.{fact}"
    if spec.kind == "date" and exact:
        turn.say("interview.exact_day")
    turn.ask(fact, name, choices=[*_answers(turn, fact, spec, more=more), *_ways_out(turn, fact)])


def _answers(turn: Turn, fact: str, spec: Any, *, more: bool) -> list[dict[str, Any]]:
    if spec.kind == "bool":
        return [
            choice("choice.yes", "inform", **{fact: "true"}),
            choice("choice.no", "inform", **{fact: "false"}),
        ]
    if spec.kind == "country":
        return [choice("choice.country", "inform", {"country": code}, **{fact: code}) for code in COMMON["nationality"]]
    if spec.kind != "code":
        return []
    values = [value for value in spec.values if value != UNKNOWN]
    shown = _cut(fact, values, more=more)
    buttons = [choice(f"fact.{fact}.{value}", "inform", **{fact: value}) for value in shown]
    if not more and len(shown) < len(values):
        buttons.append(choice("choice.other", "inform", change=f"{OTHER}:{fact}"))
    return buttons


def _cut(fact: str, values: list[str], *, more: bool) -> list[str]:
    if len(values) <= MOST_BUTTONS:
        return values
    common = [value for value in COMMON.get(fact, values[: MOST_BUTTONS - 1]) if value in values]
    return [value for value in values if value not in common] if more else common


def _ways_out(turn: Turn, fact: str) -> list[dict[str, Any]]:
    """'I don't know' is a full answer everywhere; so is asking why, or correcting what was said before."""
    ways = [choice("choice.dont_know", "dont_know", **{fact: UNKNOWN}), choice("choice.why", "ask_why")]
    if any(name != fact and name in facts_schema() for name in turn.memory.facts):
        ways.append(choice("choice.change_answer", "inform", change="list"))
    return ways
