"""Babel extractor for `locales/responses/*.yml`: msgctxt is the response name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bot.replies.specs import SpecError, load_file

Found = tuple[int, str, tuple[str, ...], list[str]]
# Babel's keywords for the two functions the extractor below reports: the context comes first
KEYWORDS = {"pgettext": ((1, "c"), 2), "npgettext": ((1, "c"), 2, 3)}


def responses(fileobj: Any, keywords: Any, comment_tags: Any, options: Any) -> Iterator[Found]:
    """Yield every sentence of one response file; raises SpecError if the file is faulty."""
    faults: list[str] = []
    specs = load_file(Path(fileobj.name), faults)
    if faults:
        raise SpecError(faults)
    for spec in specs:
        kinds = ", ".join(f"{{{gap}}}: {kind}" for gap, kind in spec.values.items())
        comments = [line for line in (spec.comment, kinds) if line]
        for context, text, plural in spec.entries():
            if plural is None:
                yield spec.line, "pgettext", (context, text), comments
            else:
                yield spec.line, "npgettext", (context, text, plural), comments
