"""The house of an office, and who may come along: asked as such, or beside the way, an interpreter or the care of children."""

from __future__ import annotations

from actions.context import Turn, choice
from office.site_words import HOUSE
from office.sites import Origin, Site

# The ear's hints (bot/nlu/entity_extractor.py): what is asked about the house, and that somebody shall come along.
ABOUT_HOUSE, COMPANION = "house:", "companion"
CHILDREN = "play_corner"
CITE = "§ 13 Abs. 4 SGB X, § 14 Abs. 4 VwVfG"


def asked_of_house(turn: Turn) -> list[str]:
    """Return what the message asks about the house: codes of office/site_words.py."""
    return sorted(hint.removeprefix(ABOUT_HOUSE) for hint in turn.hints if hint.startswith(ABOUT_HOUSE))


def say_house(turn: Turn, site: Site, asked: list[str]) -> None:
    """Say what the house has and has not of what was asked; all that is known if nothing certain was."""
    known = [what for what in asked or HOUSE if what in site.house]
    for what in known:
        turn.say(f"house.{what}.{'yes' if site.house[what] else 'no'}", {"site": site.id})
    unknown = [what for what in asked or HOUSE if what not in site.house]
    if unknown:
        turn.say("house.unknown", {"site": site.id, "what": unknown})
        if site.phone:
            turn.say("contact.phone", {"phone": site.phone})
        elif site.email:
            turn.say("contact.email", {"site": site.id, "emails": list(site.email)})
    if known:
        say_origin(turn, site)


def say_companion(turn: Turn) -> None:
    """Say that somebody may come along and speak for one: by law, in every office."""
    turn.say("companion.allowed", {"cite": CITE})
    turn.offer(choice("meaning.ask_interpreter", "ask_interpreter"), choice("choice.person", "request_human"))


def say_origin(turn: Turn, origin: Origin | Site) -> None:
    """Data that staff never confirmed carry their date."""
    if origin.confirmed_on is None:
        turn.say("place.as_of", {"as_of": origin.as_of.isoformat()})
