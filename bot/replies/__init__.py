"""Replies: response name + values in, a sentence in the reader's language out (gettext, Babel)."""

from bot.replies.render import NO_WORDS, RenderProblem, Replies, default_replies, render
from bot.replies.specs import Spec, SpecError

__all__ = ["NO_WORDS", "RenderProblem", "Replies", "Spec", "SpecError", "default_replies", "render"]
