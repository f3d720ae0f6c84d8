"""The law as dated rules: facts and a day in, a finding with its paragraphs out. See README.md."""

from .engine import answer_so_far, evaluate, next_question
from .load import facts_schema, in_table, topics
from .model import (
    Citation,
    EligibilityError,
    FactError,
    FactSpec,
    Finding,
    Question,
    RuleError,
    TopicError,
)
from .outlook import Change, calendar
from .values import drop_dependents

__all__ = [
    "Change",
    "Citation",
    "EligibilityError",
    "FactError",
    "FactSpec",
    "Finding",
    "Question",
    "RuleError",
    "TopicError",
    "answer_so_far",
    "calendar",
    "drop_dependents",
    "evaluate",
    "facts_schema",
    "in_table",
    "next_question",
    "topics",
]
