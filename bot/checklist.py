"""Lists of papers as something to tick: for the chat page and for printing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.replies import Replies

# Responses whose value `papers` is a list of papers to bring or fill in.
RESPONSES = frozenset({"documents.forms_you", "documents.forms_employer", "documents.bring", "appointment.bring"})


@dataclass(frozen=True)
class Paper:
    """One paper in the reader's language: its name, what it looks like, where one gets it."""

    id: str
    name: str
    looks: str
    source: str


def checklist(replies: Replies, response: str | None, values: Mapping[str, Any], language: str) -> tuple[Paper, ...]:
    """Return the papers of a message; none if it is no list of papers."""
    ids = values.get("papers")
    if response not in RESPONSES or not isinstance(ids, list | tuple):
        return ()
    return tuple(papers(replies, ids, language))


def papers(replies: Replies, ids: Iterable[str], language: str) -> Iterable[Paper]:
    """Yield the papers that have words."""
    for id in ids:
        if replies.has(f"document.{id}"):
            yield Paper(id, *(replies.render(f"{part}.{id}", {}, language) for part in PARTS))


PARTS = ("document", "document_looks", "document_from")
