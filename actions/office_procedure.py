"""How an office works: how one comes there, its intake form, the consent, the hand-over, who may come along, the house itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from actions.base import FOLLOW_UPS, SpokenAction, flow
from actions.context import Turn, choice
from actions.house import COMPANION, asked_of_house, say_companion, say_house, say_origin
from actions.places import ask_site, choose_site, site_of, site_said
from office.sites import Handover, Site

TOPIC = "office_procedure"
# 'And in Ahlen?' is the same question; a longer one is another.
FEW_WORDS = 4
STEPS = ("access", "intake", "consent", "handover", "house", "companion")
# Since then consent can be taken back at any time by Art. 7 Abs. 3 DSGVO.
GDPR_SINCE = date(2018, 5, 25)


class ActionOfficeProcedure(SpokenAction):
    action_name = "action_office_procedure"

    def answer(self, turn: Turn) -> None:
        office_procedure(turn)


@flow(TOPIC)
def office_procedure(turn: Turn) -> None:
    """Explain one step for one site; ask for the step, then for the site, where they are not known."""
    before = turn.memory.open_question
    step = turn.entity("step") or before.get("step")
    if step in (None, "access"):
        # 'must one take a number there' is heard as 'must one come there', too
        step = _hinted(turn) or step
    if step not in STEPS:
        turn.memory.topic = TOPIC
        turn.ask("step", "ask.step", choices=[*step_choices(), choice("choice.stop", "stop")])
        return
    if step == COMPANION:
        turn.memory.close()
        say_companion(turn)
        return
    asked = before.get("asked") or asked_of_house(turn)
    site = site_of(turn)
    if site is None:
        ask_site(turn, TOPIC, step=step, asked=asked)
        return
    turn.memory.close()
    turn.memory.topic = TOPIC
    turn.memory.last_answer = {"step": step, "asked": asked}
    if step == "house":
        say_house(turn, site, asked)
    else:
        EXPLAIN[step](turn, site)
    if turn.said and (effects := choose_site(site, turn)):
        turn.said[0].setdefault("effects", {}).update(effects)
    others = [c for c in step_choices(site) if f'"step": "{step}"' not in c["payload"]]
    turn.offer(*others, choice("choice.person", "request_human"))


def another_site(turn: Turn) -> bool:
    """'And in Ahlen': explain the same step for the site just named; returns whether one was."""
    step = turn.memory.last_answer.get("step")
    explained = any(message["response"].split(".")[0] in STEPS for message in turn.previous)
    few = len(turn.text.split()) <= FEW_WORDS
    if step not in STEPS or not (explained and few) or site_said(turn) is None:
        return False
    turn.memory.open_question = dict(turn.memory.last_answer)
    office_procedure(turn)
    return True


FOLLOW_UPS[TOPIC] = another_site


def _hinted(turn: Turn) -> str | None:
    if COMPANION in turn.hints:
        return COMPANION
    return "house" if asked_of_house(turn) else None


def step_choices(site: Site | None = None) -> list[dict[str, object]]:
    """Buttons for the steps that can be explained."""
    where = {"site": site.id} if site else {}
    return [choice(f"choice.step.{step}", "ask_office_procedure", step=step, **where) for step in STEPS]


def access(turn: Turn, site: Site) -> None:
    """Who may come, who must, and who sends people."""
    way = site.access
    turn.say(f"access.{way.route}", {"site": site.id})
    if way.groups:
        turn.say("access.groups", {"site": site.id, "groups": list(way.groups)})
    if way.nationalities:
        turn.say("access.nationalities", {"countries": list(way.nationalities), "as_of": site.as_of.isoformat()})
    if way.compulsory_for and way.compulsory_since:
        values = {"who": list(way.compulsory_for), "since": way.compulsory_since.isoformat()}
        turn.say("access.must", values)
    if way.voluntary_for:
        turn.say("access.may", {"who": list(way.voluntary_for)})
    if way.max_months:
        turn.say("access.at_most", {"site": site.id, "months": way.max_months})
    else:
        turn.say("access.stay_unknown")
    say_origin(turn, site)


def intake(turn: Turn, site: Site) -> None:
    """What the intake form asks, where that is known."""
    form = site.intake
    if form is None or form.form is None:
        turn.say("intake.unknown", {"site": site.id})
    elif form.form == "none":
        turn.say("intake.none", {"site": site.id})
    else:
        turn.say("intake.what")
        if form.shared_by:
            turn.say("intake.shared", {"offices": list(form.shared_by)})
    if form and form.fields:
        name = "intake.fields" if form.fields_from == "office" else "intake.fields_draft"
        turn.say(name, {"fields": [field.name for field in form.fields if field.always]})
        optional = [field.name for field in form.fields if not field.always]
        if optional:
            turn.say("intake.fields_optional", {"fields": optional})
    elif form and form.form not in (None, "none"):
        turn.say("intake.fields_unknown")
    turn.say("intake.help")
    if form is not None:
        say_origin(turn, form.origin)


def consent(turn: Turn, site: Site) -> None:
    """What is passed on to whom, and that the person decides."""
    sheet = site.consent
    if sheet is None or sheet.form is None:
        turn.say("consent.unknown", {"site": site.id})
    elif sheet.form == "none":
        turn.say("consent.none", {"site": site.id})
    elif sheet.recipients:
        turn.say("consent.passed_on", {"offices": list(sheet.recipients)})
        if sheet.data:
            turn.say("consent.data", {"data": list(sheet.data)})
    if turn.today >= GDPR_SINCE:
        turn.say("consent.your_right", {"cite": "Art. 7 Abs. 3 DSGVO"})
    else:
        turn.say("consent.you_decide")
    if sheet is not None:
        say_origin(turn, sheet.origin)


def handover(turn: Turn, site: Site) -> None:
    """What happens when the Jobcenter becomes responsible, with its deadline, and that no payment gap opens."""
    found = site.handover
    if found is None or (found.way is None and found.within_days is None):
        turn.say("handover.unknown", {"site": site.id})
        turn.say("handover.show_letter")
    elif found.way == "same_adviser":
        turn.say("handover.same_adviser", {"site": site.id})
        _leaving(turn, site, found)
    else:
        _agreed(turn, site, found)
    if found is not None:
        say_origin(turn, found.origin)
    turn.offer(choice("choice.status_change", "ask_status_change"))


def _agreed(turn: Turn, site: Site, found: Handover) -> None:
    if found.between and found.within_days:
        turn.say("handover.within", {"offices": list(found.between), "n": found.within_days})
    elif found.between:
        turn.say("handover.no_deadline", {"offices": list(found.between)})
    if found.passed_on:
        turn.say("handover.passed_on", {"papers": list(found.passed_on)})
    if found.person_gets:
        turn.say("handover.you_get", {"papers": list(found.person_gets)})
    if found.benefit_ends == "when_granted":
        turn.say("handover.no_gap")
    turn.say("handover.show_letter")
    _leaving(turn, site, found)


def _leaving(turn: Turn, site: Site, found: Handover) -> None:
    if found.leaves_when:
        turn.say("handover.leaves_when", {"site": site.id, "when": list(found.leaves_when)})
    if site.benefits == "jobcenter_of_the_town":
        turn.say("responsible.money_in_town")


EXPLAIN: dict[str, Callable[[Turn, Site], None]] = {
    "access": access,
    "intake": intake,
    "consent": consent,
    "handover": handover,
}
