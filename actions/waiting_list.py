"""What can be pressed at any time about appointments: the waiting list, an offered time, reminders."""

from __future__ import annotations

from actions.context import Turn, choice, open_store
from office import waiting
from office.conversations import get_conversation
from office.errors import OfficeError, UnknownConversation
from office.notifications import set_reminders
from office.sites import sites
from office.slots import Wish

WAIT, LEAVE, DECLINE = "wait", "leave", "decline"


def wait_choice(site: str, topic: str) -> dict[str, object]:
    """The button that puts a person on the list of a site; it carries all it needs, so it works later, too."""
    return choice("choice.wait_for_free", "inform", slot=WAIT, site=site, topic=topic)


def pressed(turn: Turn) -> bool:
    """Answer such a button; return whether it was one."""
    step = {WAIT: _wait, LEAVE: _leave, DECLINE: _decline}.get(turn.entity("slot") or "")
    reminders = turn.entity("reminders")
    if step is None and reminders not in ("on", "off"):
        return False
    try:
        if step is not None:
            step(turn)
        else:
            _remind(turn, on=reminders == "on")
    except UnknownConversation:
        turn.say("appointment.only_in_chat")
    return True


def _wait(turn: Turn) -> None:
    site = sites().get(turn.entity("site") or turn.site or "")
    if site is None:
        turn.say("waiting.not_possible", choices=[choice("choice.book", "book_appointment")])
        return
    interpreter = None if turn.language == "de" else turn.language
    with open_store().begin() as work:
        conversation = get_conversation(work, turn.conversation)
        try:
            place = _join(work, conversation, site.id, turn, interpreter)
        except OfficeError:
            turn.say("waiting.not_possible", choices=[choice("choice.person", "request_human")])
            return
        work.commit()
    turn.say(
        "waiting.joined",
        {"site": site.id, "place": place},
        [choice("choice.leave_waiting", "inform", slot=LEAVE), choice("choice.person", "request_human")],
    )


def _join(
    work: waiting.Work, conversation: waiting.Conversation, site: str, turn: Turn, interpreter: str | None
) -> int:
    """Join the list; without an interpreter where the office keeps none for the language. Return the place."""
    topic = turn.entity("topic") or "other"
    try:
        entry = waiting.join(work, conversation, site, Wish(topic=topic, interpreter=interpreter), turn.now)
    except waiting.NoInterpreter:
        entry = waiting.join(work, conversation, site, Wish(topic=topic), turn.now)
    return waiting.place_in_line(work, entry)


def _leave(turn: Turn) -> None:
    with open_store().begin() as work:
        waiting.leave(work, get_conversation(work, turn.conversation), turn.now)
        work.commit()
    turn.say("waiting.left", choices=[choice("choice.book", "book_appointment")])


def _decline(turn: Turn) -> None:
    with open_store().begin() as work:
        conversation = get_conversation(work, turn.conversation)
        try:
            waiting.decline(work, conversation, turn.now)
        except OfficeError:
            turn.say("waiting.no_offer", choices=[choice("choice.book", "book_appointment")])
            return
        work.commit()
    turn.say("waiting.declined", choices=[choice("choice.leave_waiting", "inform", slot=LEAVE)])


def _remind(turn: Turn, *, on: bool) -> None:
    with open_store().begin() as work:
        set_reminders(work, get_conversation(work, turn.conversation), on, turn.now)
        work.commit()
    other = choice("choice.no_reminders", "inform", reminders="off") if on else None
    again = choice("choice.reminders_on", "inform", reminders="on")
    turn.say("reminders.on" if on else "reminders.off", choices=[other or again])
