"""What a general answer means at the person's own Integration Point: travel costs, interpreter, employers."""

from __future__ import annotations

from collections.abc import Callable

from actions.context import Turn, choice
from actions.house import say_origin
from actions.places import choose_site, site_choices, site_of
from office.sites import Site


def say_here(turn: Turn, what: str) -> None:
    """Add what is known of the site, or offer the sites if none is known; nothing for other questions."""
    say = HERE.get(what)
    if say is None:
        return
    site = site_of(turn)
    if site is None:
        turn.offer(*(_again(what, c["values"]["site"]) for c in site_choices()))
        return
    say(turn, site)
    if effects := choose_site(site, turn):
        turn.said[-1]["effects"] = effects
    say_origin(turn, site)


def _again(what: str, site: str) -> dict[str, object]:
    return choice("choice.site", f"ask_{what}", {"site": site}, site=site)


def _travel_costs(turn: Turn, site: Site) -> None:
    known = "travel_costs_sgb2" in site.services
    turn.say("travel_costs.possible_here" if known else "travel_costs.unknown_here", {"site": site.id})


def _interpreter(turn: Turn, site: Site) -> None:
    if site.interpreters is None:
        turn.say("interpreter.unknown_here", {"site": site.id})
    elif site.interpreters:
        turn.say("interpreter.here", {"site": site.id, "languages": list(site.interpreters)})
    else:
        turn.say("interpreter.none_here", {"site": site.id})
    if site.languages:
        turn.say("interpreter.team", {"languages": list(site.languages)})
    elif "multilingual_staff" in site.services:
        turn.say("interpreter.team_multilingual")


def _employer_info(turn: Turn, site: Site) -> None:
    if site.employers:
        turn.say("employer.offers", {"site": site.id, "offers": list(site.employers)})
    if site.employer_email:
        turn.say("employer.email", {"emails": list(site.employer_email)})
    else:
        turn.say("employer.email_unknown", {"site": site.id})


HERE: dict[str, Callable[[Turn, Site], None]] = {
    "travel_costs": _travel_costs,
    "interpreter": _interpreter,
    "employer_info": _employer_info,
}
