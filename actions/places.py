"""Which Integration Point is meant, and how it is asked."""

from __future__ import annotations

from typing import Any

from actions.context import Turn, choice
from actions.facts import UNKNOWN
from office.sites import Site, find_site, find_town, sites
from office.towns import nearest_site


def site_said(turn: Turn) -> Site | None:
    """Return the site named in this message; None if none was named or the town belongs to no site."""
    said = turn.entity("site")
    if said is None:
        return None
    return sites().get(said) or find_site(said)


def site_of(turn: Turn) -> Site | None:
    """Return the site named now, in the open question, or chosen before; None if none is known."""
    said = site_said(turn)
    if said is not None:
        return said
    known = turn.memory.open_question.get("site") or turn.site
    return sites().get(known) if known else None


def site_choices() -> list[dict[str, Any]]:
    """Buttons for all sites."""
    return [choice("choice.site", "inform", {"site": site.id}, site=site.id) for site in sites().values()]


def ask_site(turn: Turn, topic: str, **said: Any) -> None:
    """Ask which site is meant; `said` is what the question already named and must not be asked again."""
    if (named := turn.entity("site")) is not None:
        say_outside(turn, named)
    turn.memory.topic = topic
    turn.memory.open_question = {key: value for key, value in said.items() if value is not None}
    turn.ask("site", "ask.site", choices=site_choices())


def say_outside(turn: Turn, named: str) -> None:
    """Say that a town is none of ours, and the nearest site where the way is known; else our counties.

    'I don't know' names no town: then nothing is said.
    """
    if named == UNKNOWN:
        return
    match = find_town(named)
    town = match.town if match else named
    turn.say("place.not_ours", {"town": town})
    near = nearest_site(town) if match else None
    if near is not None:
        turn.say("place.nearest", {"site": near.site.id, "km": near.km})
    else:
        turn.say("place.counties", {"counties": [site.county for site in sites().values()]})


def choose_site(site: Site, turn: Turn) -> dict[str, str]:
    """Return the effect that makes the site the conversation's site; empty if it is already."""
    return {} if turn.site == site.id else {"site": site.id}
