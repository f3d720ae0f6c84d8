"""Where an office is, how to reach it, and which one is responsible."""

from __future__ import annotations

from urllib.parse import quote

from actions import facts as known
from actions import whom
from actions.base import NOTHING_OF_ITS_OWN, TYPED, SpokenAction, flow
from actions.context import Turn, choice
from actions.findings import say_basis
from actions.house import asked_of_house, say_house, say_origin
from actions.interview import judge
from actions.opening_hours import FEW_WORDS, say_access
from actions.places import ask_site, choose_site, say_outside, site_of, site_said
from actions.questions import ask_fact
from eligibility import FactError, Finding, TopicError
from office.sites import Site, find_town, sites

MAP = "https://www.openstreetmap.org"


class ActionLocation(SpokenAction):
    action_name = "action_location"

    def answer(self, turn: Turn) -> None:
        location(turn)


@flow("location")
def location(turn: Turn) -> None:
    """Say the address; what is not known is said."""
    asked = turn.memory.open_question.get("asked") or asked_of_house(turn)
    site = site_of(turn)
    if site is None:
        ask_site(turn, "location", asked=asked or None)
        return
    turn.memory.close()
    if asked:
        say_house(turn, site, asked)
    name = "location.address" if site.address else "location.unknown"
    turn.say(name, {"site": site.id, "address": site.id}, effects=choose_site(site, turn))
    if link := map_link(site):
        turn.say("location.map", {"link": link})
        turn.say("location.lines_unknown")
    if site.outposts and not asked:
        turn.say("location.outposts", {"towns": list(site.outposts)})
    say_origin(turn, site)
    turn.offer(
        choice("choice.opening_hours", "ask_opening_hours", site=site.id),
        choice("choice.step.access", "ask_office_procedure", step="access", site=site.id),
        choice("choice.person", "request_human"),
    )


def another_site(turn: Turn) -> bool:
    """'And in Herford?' right after the way: the same for the site just named; returns whether one was."""
    told = any(message["response"].startswith("location.") for message in turn.previous)
    few = len(turn.text.split()) <= FEW_WORDS and turn.intent in NOTHING_OF_ITS_OWN
    if not (told and few) or site_said(turn) is None or turn.memory.awaiting:
        return False
    asked = [m["values"]["what"] for m in turn.previous if m["response"] == "house.unknown"]
    turn.memory.open_question = {"asked": asked[0]} if asked else {}
    location(turn)
    return True


TYPED.append(another_site)


def map_link(site: Site) -> str | None:
    """Return a plain link to the house on OpenStreetMap; None where neither place nor address is known."""
    if site.coordinates is not None:
        at = (site.coordinates.latitude, site.coordinates.longitude)
        return f"{MAP}/?mlat={at[0]}&mlon={at[1]}#map=17/{at[0]}/{at[1]}"
    if site.address is None:
        return None
    address = f"{site.address.street}, {site.address.postcode} {site.address.city}"
    return f"{MAP}/search?query={quote(address)}"


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
        say_origin(turn, site)
    turn.offer(choice("choice.person", "request_human"), choice("choice.location", "ask_location", site=site.id))


class ActionResponsibleOffice(SpokenAction):
    action_name = "action_responsible_office"

    def answer(self, turn: Turn) -> None:
        if not whom.hold_back(turn, RESPONSIBLE):
            responsible_office(turn)


RESPONSIBLE = "responsible_office"


@flow(RESPONSIBLE)
def responsible_office(turn: Turn) -> None:
    """Say which Integration Point a town belongs to, then who pays and who helps with work, by the paper."""
    memory = turn.memory
    asked, before = memory.awaiting, memory.open_question
    known.learn(turn, known.hear(turn, answering=asked))
    memory.close()
    memory.topic = RESPONSIBLE
    said = turn.entity("site")
    if said is None and before.get("site"):
        _who_pays(turn, sites()[before["site"]], before.get("asked", []))
        return
    site = site_said(turn)
    if site is None:
        _which_town(turn, said)
        return
    match = find_town(said or "")
    town = match.town if match else site.main_town
    turn.say("responsible.site", {"town": town, "site": site.id}, effects=choose_site(site, turn))
    say_access(turn, site)
    _who_pays(turn, site, [])


def _which_town(turn: Turn, said: str | None) -> None:
    match = find_town(said) if said else None
    if said is not None:
        say_outside(turn, said)
    if match is None:
        turn.ask("site", "responsible.which_town")
        return
    # A town that is known and none of ours: asking for it again would not help.
    turn.memory.topic = None
    turn.offer(*site_choices_for("ask_location"), choice("choice.person", "request_human"))


def site_choices_for(intent: str) -> list[dict[str, object]]:
    """Buttons that ask something about each site."""
    return [choice("choice.site", intent, {"site": site.id}, site=site.id) for site in sites().values()]


# Which office pays depends on little more than the paper; who is asked more than this gives up.
MOST_QUESTIONS = 2


def _who_pays(turn: Turn, site: Site, asked: list[str]) -> None:
    """Say the offices for money and work; ask the facts that decide it first, and only those."""
    memory = turn.memory
    try:
        judgement = judge("benefits", memory.facts, memory.approximate, turn.today)
    except (FactError, TopicError):
        _say_offices(turn, site, None)
        return
    again = judgement.ask in asked
    if judgement.ask and not judgement.exact and (again or len(asked) < MOST_QUESTIONS):
        if again and turn.entities and not turn.said:
            turn.say("interview.not_an_answer")
        ask_fact(turn, judgement.ask)
        memory.open_question = {"site": site.id, "asked": asked if again else [*asked, judgement.ask]}
        return
    _say_offices(turn, site, None if judgement.ask else judgement.finding)


def _say_offices(turn: Turn, site: Site, finding: Finding | None) -> None:
    pays = finding.extra.get("office") if finding and finding.outcome not in (None, "staff", "none_known") else None
    helps = finding.extra.get("job_office") if finding else None
    if pays not in ("sozialamt", "jobcenter", "bezirksregierung"):
        turn.say("responsible.not_clear")
    else:
        turn.say(f"responsible.money.{pays}")
        if pays == "jobcenter" and site.benefits:
            turn.say(
                {
                    "first_application_here": "responsible.money_here",
                    "jobcenter_of_the_town": "responsible.money_in_town",
                }[site.benefits],
                {"site": site.id} if site.benefits == "first_application_here" else None,
            )
        if helps in ("agentur", "jobcenter"):
            turn.say(f"responsible.work.{helps}")
        if finding is not None:
            say_basis(turn, finding)
    turn.memory.topic = None
    turn.offer(
        choice("choice.opening_hours", "ask_opening_hours", site=site.id),
        choice("choice.location", "ask_location", site=site.id),
        choice("choice.step.access", "ask_office_procedure", step="access", site=site.id),
        choice("choice.person", "request_human"),
    )
