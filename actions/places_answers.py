"""Where an office is, how to reach it, and which one is responsible."""

from __future__ import annotations

from actions.base import SpokenAction, flow
from actions.context import Turn, choice
from actions.opening_hours import say_access
from actions.places import ask_site, choose_site, site_of, site_said
from office.sites import Site


class ActionLocation(SpokenAction):
    action_name = "action_location"

    def answer(self, turn: Turn) -> None:
        location(turn)


@flow("location")
def location(turn: Turn) -> None:
    """Say the address; what is not known is said."""
    site = site_of(turn)
    if site is None:
        ask_site(turn, "location")
        return
    turn.memory.close()
    name = "location.address" if site.address else "location.unknown"
    turn.say(name, {"site": site.id, "address": site.id}, effects=choose_site(site, turn))
    if site.outposts:
        turn.say("location.outposts", {"towns": list(site.outposts)})
    _say_age(turn, site)
    turn.offer(
        choice("choice.opening_hours", "ask_opening_hours", site=site.id),
        choice("choice.person", "request_human"),
    )


class ActionContact(SpokenAction):
    action_name = "action_contact"

    def answer(self, turn: Turn) -> None:
        contact(turn)


@flow("contact")
def contact(turn: Turn) -> None:
    """Say the mailboxes and the switchboard, or that they are not known."""
    site = site_of(turn)
    if site is None:
        ask_site(turn, "contact")
        return
    turn.memory.close()
    if site.email:
        values = {"site": site.id, "emails": list(site.email)}
        turn.say("contact.email", values, effects=choose_site(site, turn))
    else:
        turn.say("contact.email_unknown", {"site": site.id}, effects=choose_site(site, turn))
    if site.phone:
        turn.say("contact.phone", {"phone": site.phone})
    else:
        turn.say("contact.phone_unknown")
    if site.email or site.phone:
        _say_age(turn, site)
    turn.offer(choice("choice.person", "request_human"), choice("choice.location", "ask_location", site=site.id))


class ActionResponsibleOffice(SpokenAction):
    action_name = "action_responsible_office"

    def answer(self, turn: Turn) -> None:
        responsible_office(turn)


@flow("responsible_office")
def responsible_office(turn: Turn) -> None:
    """Say which Integration Point the named town belongs to."""
    said = turn.entity("site")
    site = site_said(turn)
    if site is None:
        if said is not None:
            turn.say("place.not_ours", {"town": said})
        turn.memory.topic = "responsible_office"
        turn.ask("site", "responsible.which_town")
        return
    turn.memory.close()
    turn.say("responsible.site", {"town": said, "site": site.id}, effects=choose_site(site, turn))
    say_access(turn, site)
    turn.offer(
        choice("choice.opening_hours", "ask_opening_hours", site=site.id),
        choice("choice.location", "ask_location", site=site.id),
        choice("choice.person", "request_human"),
    )


def _say_age(turn: Turn, site: Site) -> None:
    if site.confirmed_on is None:
        turn.say("place.as_of", {"as_of": site.as_of.isoformat()})
