"""Isolates around pieces that run in the other direction, so that brackets, dots and times stay in place."""

from __future__ import annotations

import re

FSI, PDI = "\u2068", "\u2069"  # first strong isolate … pop directional isolate
CONTROLS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
LATIN = "A-Za-z\u00aa\u00ba\u00c0-\u024f"
RTL = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]")
STRONG = re.compile(f"[{LATIN}\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]")
# a run of Latin words with what belongs between and around them: "§ 61 Abs. 1 AsylG", "info@example.org"
RUN = re.compile(f"[§#+]? ?[{LATIN}0-9](?:[{LATIN}0-9 §./:&'’+–_@-]*[{LATIN}0-9])?")
HAS_LATIN = re.compile(f"[{LATIN}]")
# "116 016", "+49 211 87 28": without an isolate a right-to-left line shows the groups in the wrong order
NUMBER = re.compile(r"\+?\d[\d/-]*(?: \d[\d/-]*)+")


def isolate(text: str) -> str:
    """Wrap each line of `text` so that it does not disturb the direction around it."""
    return "\n".join(f"{FSI}{line}{PDI}" if line else line for line in text.split("\n"))


def isolate_latin(text: str) -> str:
    """Wrap the Latin runs and the grouped numbers of a right-to-left text; a text that already holds isolates is left alone."""
    if FSI in text:
        return text
    return RUN.sub(_wrap, text)


def _wrap(match: re.Match[str]) -> str:
    run = match[0]
    bare = run.lstrip(" ")
    if not HAS_LATIN.search(run) and not NUMBER.fullmatch(bare):
        return run
    return f"{run[: len(run) - len(bare)]}{FSI}{bare}{PDI}"


def without_controls(text: str) -> str:
    """Remove direction marks from typed text; an isolate left open would turn the rest of the page."""
    return CONTROLS.sub("", text)


def value(text: str, rtl: bool) -> str:
    """Return a value as it may stand inside a sentence of the given direction."""
    if not rtl:
        return isolate(text) if RTL.search(text) and FSI not in text else text
    if text.isdecimal():
        return text
    first = STRONG.search(text)
    if first is None or HAS_LATIN.match(first[0]):
        return isolate(text) if FSI not in text else text
    return "\n".join(isolate_latin(line) for line in text.split("\n"))
