"""A conversation for staff: every message in the console's language beside the person's own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from bot.console.words import Words, pressed
from bot.languages import guess
from bot.replies import bidi
from bot.replies.kinds import BERLIN
from bot.transcript import Shown, transcript
from office.conversations import Conversation, Message

Kind = Literal["typed", "pressed", "said"]
FINDING = ("finding.basis", "finding.basis_unverified")
UNCHECKED = "finding.basis_unverified"
BEFORE_BASIS = ("ask.", "why.", "choice.", "fact.", "interview.")


@dataclass(frozen=True)
class Side:
    """A message in one language; `choices` are the buttons that were offered with it."""

    words: str
    language: str
    direction: str
    choices: tuple[str, ...]


@dataclass(frozen=True)
class Line:
    """A message in both languages. `kind`: typed by someone, a button pressed, or said from the catalogue."""

    id: int
    author: str
    kind: Kind
    at: datetime
    day: date
    ours: Side
    theirs: Side
    written_in: str | None
    state: str
    urgent: bool
    by: str


@dataclass(frozen=True)
class Finding:
    """The last answer of the law, as the person got it; `unchecked`: staff have not released the rule."""

    sentences: list[str]
    at: datetime
    unchecked: bool


def lines(words: Words, conversation: Conversation, messages: Sequence[Message], staff: dict[int, str]) -> list[Line]:
    """Return the conversation in both languages; `staff` gives the login of each member of staff."""
    own = Words(words.replies, conversation.language)
    ours = transcript(words.replies, messages, words.language)
    theirs = transcript(words.replies, messages, own.language)
    return [
        _line(words, own, message, left, right, staff)
        for message, left, right in zip(messages, ours, theirs, strict=True)
    ]


def _line(words: Words, own: Words, message: Message, left: Shown, right: Shown, staff: dict[int, str]) -> Line:
    kind: Kind = "said" if message.response else "typed" if message.text is not None else "pressed"
    written = (guess(left.text).language or own.language) if kind == "typed" else None
    if kind == "typed" and message.author == "staff":
        # short German sentences look like many languages; staff write the console's
        written = guess(left.text).language or words.language
    return Line(
        id=message.id,
        author=message.author,
        kind=kind,
        at=message.created_at,
        day=message.created_at.astimezone(BERLIN).date(),
        ours=_side(words, pressed(message, left), left, written or words.language),
        theirs=_side(own, pressed(message, right), right, written or own.language),
        written_in=written,
        state=message.state,
        urgent=message.response == "emergency.numbers",
        by=staff.get(message.staff_id or 0, ""),
    )


def _side(words: Words, text: str, read: Shown, language: str) -> Side:
    known = words.replies.languages
    # not 'auto': to a browser an Arabic sentence that begins with a German name runs from left to right
    rtl = language in known and known[language].rtl and bidi.RTL.search(text) is not None
    return Side(text, language, "rtl" if rtl else "auto", tuple(button.title for button in read.buttons))


def last_finding(words: Words, messages: Sequence[Message]) -> Finding | None:
    """Return the last answer that named a paragraph, without questions around it; None if there is none."""
    for place in range(len(messages) - 1, -1, -1):
        if messages[place].response in FINDING:
            break
    else:
        return None
    first, last = place, place
    while first > 0 and _belongs(messages[first - 1]):
        first -= 1
    while last + 1 < len(messages) and (messages[last + 1].response or "").startswith(("reason.", "finding.")):
        last += 1
    said = [m for m in messages[first : last + 1] if m.response]
    return Finding(
        [words.replies.render(m.response or "", m.values, words.language) for m in said],
        messages[place].created_at,
        any(m.response == UNCHECKED for m in said),
    )


def _belongs(message: Message) -> bool:
    return (
        message.author == "bot"
        and message.response is not None
        and message.response not in FINDING
        and not message.response.startswith(BEFORE_BASIS)
    )


def drafts(words: Words, conversation: Conversation) -> list[str]:
    """Return the languages of this page whose translation no native speaker has read."""
    known = words.replies.languages
    return [
        code
        for code in dict.fromkeys((conversation.language, words.language))
        if code in known and known[code].state not in ("source", "reviewed")
    ]
