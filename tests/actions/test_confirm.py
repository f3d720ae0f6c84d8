"""Facts heard in free words: what may end in a wrong yes counts only once the person has said yes to it."""

from __future__ import annotations

import pytest

DAY = "2026-11-28T10:00"
STRONG = "ae_25_2_subsidiary"


def facts(talk) -> dict:
    return talk.slots.get("facts") or {}


@pytest.mark.parametrize(
    "text",
    [
        "Mein Antrag auf subsidiären Schutz wurde abgelehnt. Darf ich arbeiten?",
        "I have subsidiary protection in Greece. Can I work?",
        "Ich bekomme bald subsidiären Schutz, darf ich dann arbeiten?",
    ],
)
def test_a_strong_paper_in_free_words_is_confirmed_before_any_answer(talk, text):
    t = talk(DAY)
    assert t.say("ask_work_permission", text, residence_status=STRONG) == ["confirm.residence_status"]
    assert "residence_status" not in facts(t)
    t.press("choice.no")
    assert t.said[-1]["response"] == "ask.residence_status", "after a no the paper is asked"
    assert "residence_status" not in facts(t)


def test_a_confirmed_paper_is_answered_for(talk):
    t = talk(DAY)
    t.say("ask_work_permission", "Ich habe subsidiären Schutz, darf ich arbeiten?", residence_status=STRONG)
    assert t.press("choice.yes")[0] == "work_permission.free"
    assert facts(t)["residence_status"] == STRONG


def test_a_typed_yes_confirms_too(talk):
    t = talk(DAY)
    t.say("ask_work_permission", "Ich habe subsidiären Schutz, darf ich arbeiten?", residence_status=STRONG)
    assert t.say("affirm", "ja")[0] == "work_permission.free"


def test_a_duldung_said_plainly_is_taken_as_said(talk):
    t = talk(DAY)
    t.say("ask_work_permission", "Ich habe eine Duldung, darf ich arbeiten?", residence_status="duldung")
    assert facts(t)["residence_status"] == "duldung"


def test_somebody_elses_paper_is_not_taken(talk):
    t = talk(DAY)
    said = t.say("ask_work_permission", "Mein Bruder hat eine Duldung", residence_status="duldung", hint="kin")
    assert said == ["confirm.residence_status"]


def test_of_two_papers_none_is_taken(talk):
    t = talk(DAY)
    papers = [STRONG, "duldung"]
    text = "Mein Bruder hat subsidiären Schutz und ich habe eine Duldung. Darf ich arbeiten?"
    assert t.say("ask_work_permission", text, residence_status=papers, hint="kin") == ["ask.residence_status"]


def test_what_would_be_does_not_replace_what_is(talk):
    t = talk(DAY)
    t.say("ask_work_permission", "Darf ich mit Duldung arbeiten?", residence_status="duldung")
    text = "Was wäre, wenn ich subsidiären Schutz bekomme?"
    assert t.say("ask_work_permission", text, residence_status=STRONG, hint="if") == ["confirm.residence_status"]
    t.say("deny", "nein")
    assert facts(t)["residence_status"] == "duldung"
    assert not t.slots["unconfirmed"]


def test_a_paper_that_is_no_longer_held_is_forgotten(talk):
    t = talk(DAY)
    t.say("ask_work_permission", "Darf ich mit Duldung arbeiten?", residence_status="duldung")
    t.say("inform", "Ich habe keine Duldung mehr", hint="denied:duldung")
    assert "residence_status" not in facts(t)
    assert t.said[-1]["response"] == "ask.residence_status"


def test_a_correction_that_begins_with_no_is_not_thrown_away(talk):
    t = talk(DAY)
    t.say("ask_work_permission", "Ich habe subsidiären Schutz, darf ich arbeiten?", residence_status=STRONG)
    t.press("choice.yes")
    t.say("deny", "nein falsch, ich habe nur eine Duldung", residence_status="duldung")
    assert t.said[-1]["response"] != "conversation.that_is_fine"
    t.say("affirm", "ja")
    assert facts(t)["residence_status"] == "duldung"


@pytest.mark.parametrize("hints", [(), ("since", "span"), ("since", "kin")])
def test_a_time_of_something_else_is_not_how_long_the_paper_is_held(talk, hints):
    t = talk(DAY)
    text = "Ich habe eine Duldung und habe 5 Jahre als Koch gearbeitet"
    t.say("ask_work_permission", text, residence_status="duldung", duration="60", hint=list(hints))
    assert "status_since" not in facts(t)


def test_since_when_a_paper_is_held_is_heard(talk):
    t = talk(DAY)
    t.say("ask_work_permission", "Duldung seit 5 Monaten", residence_status="duldung", duration="5", hint="since")
    assert facts(t)["status_since"] == "2026-06-28"


@pytest.mark.parametrize(
    ("text", "country", "hints"),
    [
        ("Mein Vater hat lange in Libyen gearbeitet, ich habe eine Gestattung", "LY", []),
        ("My husband has a Polish passport. May I work here?", "PL", ["own:PL", "kin"]),
        ("Mein Mann kommt aus Syrien und ich habe eine Duldung", "SY", ["own:SY", "kin"]),
    ],
)
def test_a_country_of_somebody_else_is_no_nationality(talk, text, country, hints):
    t = talk(DAY)
    t.say("ask_work_permission", text, country=country, hint=hints)
    assert "nationality" not in facts(t)


def test_ones_own_country_is_the_nationality(talk):
    t = talk(DAY)
    text = "Ich komme aus Syrien und habe eine Duldung, darf ich arbeiten?"
    t.say("ask_work_permission", text, country="SY", residence_status="duldung", hint="own:SY")
    assert facts(t)["nationality"] == "SY"


def test_a_nationality_of_the_union_is_confirmed(talk):
    t = talk(DAY)
    text = "Ich bin aus Polen, darf ich hier arbeiten?"
    assert t.say("ask_work_permission", text, country="PL", hint="own:PL") == ["confirm.nationality"]
    assert t.press("choice.yes")[0] == "work_permission.free"


def test_asked_back_the_facts_stay_free_words(talk):
    t = talk(DAY)
    t.ranking = {"ask_work_permission": 0.4, "ask_benefits": 0.3}
    t.say("nlu_fallback", "mein Bruder subsidiär Arbeit Geld", residence_status=STRONG, hint="kin")
    t.ranking = {}
    assert t.press("meaning.ask_work_permission") == ["confirm.residence_status"]


def test_no_in_the_camp_says_where_one_lives(talk):
    t = talk(DAY)
    t.say("ask_work_permission", "/x", residence_status="duldung", activity="employment", permit_note="unknown")
    while t.said[-1]["response"] != "ask.in_reception_centre":
        t.press("choice.no") if "choice.no" in t.labels() else t.press("choice.dont_know")
    t.say("deny", "Nein, in der ZUE", in_reception_centre="true")
    assert facts(t)["in_reception_centre"] is True


def test_watching_at_work_is_free_but_not_any_work(talk):
    t = talk(DAY)
    said = t.say("ask_work_permission", residence_status="duldung", activity="visiting")
    assert said[0] == "work_permission.free_no_job"
    t.say("ask_work_permission", "Und darf ich danach dort arbeiten?")
    assert "activity" not in facts(t)


def to_the_end(talk, **facts: str) -> tuple[list[str], list[str]]:
    """Say that one holds a Duldung, answer what is asked with these facts (else no), and return what was asked and the last answer."""
    t = talk(DAY)
    known = {
        "in_reception_centre": "false",
        "identity_remark": "false",
        "permit_note": "employment_with_permit",
        **facts,
    }
    t.say("ask_work_permission", residence_status="duldung", activity="employment")
    asked = []
    while t.said[-1]["response"].startswith("ask."):
        fact = t.said[-1]["response"].removeprefix("ask.")
        asked.append(fact)
        assert len(asked) < 12, asked
        t.say("inform", **{fact: known.get(fact, "false")})
    return asked, [said["response"] for said in t.said]


DAYS = {
    "status_since": "2025-09-01",
    "entered_on": "2023-03-01",
    "lawful_since": "2023-03-01",
    "asylum_contact_on": "2023-03-01",
}


def test_with_a_duldung_the_nationality_is_asked_before_a_yes(talk):
    asked, said = to_the_end(talk, nationality="SY", **DAYS)
    assert "nationality" in asked
    assert said[0] == "work_permission.permit_with_consent.should"


@pytest.mark.parametrize("country", ["AL", "RS", "MA"])
def test_no_yes_for_a_rejected_application_from_a_safe_country(talk, country):
    asked, said = to_the_end(
        talk, nationality=country, procedure_state="rejected", asylum_applied_on="2023-04-01", **DAYS
    )
    assert {"nationality", "procedure_state"} <= set(asked)
    assert said[0] in ("work_permission.ban", "work_permission.staff")
