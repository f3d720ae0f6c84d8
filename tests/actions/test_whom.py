"""What was told of one person does not answer the question of the next."""

from __future__ import annotations

import pytest

DAY = "2026-11-28T10:00"
FIRST = {"residence_status": "aufenthaltsgestattung", "nationality": "SY"}
OFTEN = [{}, {"hint": "who:me"}]


def facts(talk) -> dict:
    return talk.slots.get("facts") or {}


def told(talk, **hint):
    """A conversation in which a paper and a nationality were told."""
    t = talk(DAY)
    t.say("ask_work_permission", "Ich habe eine Gestattung", residence_status=FIRST["residence_status"], **hint)
    t.slots["facts"] = {**FIRST, **facts(t)}
    return t


@pytest.mark.parametrize("hint", OFTEN)
def test_somebody_else_is_asked_about_before_old_facts_are_used(talk, hint):
    t = told(talk, **hint)
    assert t.say("ask_work_permission", "Und meine Frau, darf sie?", hint="who:partner,kin") == ["ask.whom"]
    said = t.press("choice.another_person")
    assert said == ["conversation.person_forgotten", "ask.residence_status"]
    assert "residence_status" not in facts(t) and "nationality" not in facts(t)
    assert t.slots["about"] == ["partner"]


def test_the_same_person_keeps_the_facts_and_is_not_asked_about_again(talk):
    t = told(talk)
    t.say("ask_work_permission", "Darf mein Klient arbeiten?", hint="who:client")
    t.press("choice.same_person")
    assert facts(t)["nationality"] == "SY"
    assert t.say("ask_benefits", "Welches Geld bekommt mein Klient?", hint="who:client")[0] != "ask.whom"


def test_the_next_client_is_another_person_though_the_word_is_the_same(talk):
    t = told(talk, hint="who:client")
    assert t.say("ask_benefits", "Mein Klient braucht Geld", hint="who:client")[0] != "ask.whom"
    assert t.say("ask_benefits", "Mein nächster Klient braucht Geld", hint=["who:client", "who:other"]) == ["ask.whom"]


def test_back_to_the_person_who_writes_is_another_person_too(talk):
    t = told(talk, hint="who:sibling")
    assert t.say("ask_work_permission", "Und ich, darf ich arbeiten?", hint="who:me") == ["ask.whom"]


@pytest.mark.parametrize("hint", ["who:partner", "who:client"])
def test_nobody_is_asked_about_while_nothing_was_told(talk, hint):
    t = talk(DAY)
    assert t.say("ask_work_permission", "Darf meine Frau arbeiten?", hint=hint) == ["ask.residence_status"]
    assert t.slots["about"] == [hint.removeprefix("who:")]


def test_what_the_waiting_message_told_counts_for_the_new_person(talk):
    t = told(talk)
    text = "Mein Klient hat eine Duldung, darf er arbeiten?"
    t.say("ask_work_permission", text, residence_status="duldung", hint="who:client")
    t.press("choice.another_person")
    assert facts(t) == {"residence_status": "duldung"}


@pytest.mark.parametrize(("answer", "kept"), [("affirm", True), ("deny", False), ("dont_know", False)])
def test_a_typed_answer_counts_and_who_does_not_know_begins_anew(talk, answer, kept):
    t = told(talk)
    t.say("ask_work_permission", "Und mein Bruder?", hint="who:sibling")
    t.say(answer, "…")
    assert ("nationality" in facts(t)) is kept


def test_why_is_explained_and_the_question_said_again(talk):
    t = told(talk)
    t.say("ask_work_permission", "Und mein Bruder?", hint="who:sibling")
    assert t.say("ask_why", "warum?") == ["why.whom", "ask.whom"]
    t.press("choice.another_person")
    assert "nationality" not in facts(t)


def test_another_question_leaves_the_facts_as_they_are(talk):
    t = told(talk)
    t.say("ask_work_permission", "Und mein Bruder?", hint="who:sibling")
    t.say("thank", "danke")
    assert facts(t)["nationality"] == "SY"
    assert t.say("ask_work_permission", "Darf mein Bruder eigentlich auch arbeiten?", hint="who:sibling") == [
        "ask.whom"
    ]


def test_a_changed_paper_may_be_another_persons(talk):
    t = told(talk)
    said = t.say("ask_work_permission", "Duldung", residence_status="duldung")
    assert said == ["confirm.residence_status"]
    t.press("choice.another_person")
    assert facts(t) == {"residence_status": "duldung"}


def test_a_changed_nationality_is_confirmed(talk):
    t = told(talk)
    said = t.say("inform", "Ich komme aus Afghanistan", country="AF", hint=["own:AF", "who:me"])
    assert said == ["confirm.nationality"]
    assert facts(t)["nationality"] == "SY"
    t.press("choice.another_person")
    assert facts(t) == {"nationality": "AF"}


def test_the_list_of_answers_offers_to_begin_with_another_person(talk):
    t = told(talk)
    t.say("inform", change="list")
    t.press("choice.another_person")
    assert facts(t) == {}


def test_whoever_asks_for_somebody_else_confirms_that_persons_paper(talk):
    t = talk(DAY)
    text = "Meine Klientin hat subsidiären Schutz, darf sie arbeiten?"
    strong = "ae_25_2_subsidiary"
    said = t.say("ask_work_permission", text, residence_status=strong, hint="who:client")
    assert said == ["confirm.residence_status.for_another"]
    t.press("choice.yes")
    assert facts(t)["residence_status"] == strong


@pytest.mark.parametrize("text", ["Darf sie auch arbeiten?", "Und ich?"])
def test_he_she_and_i_change_the_person_too(talk, text):
    about, now = ({}, "who:third") if "sie" in text else ({"hint": "who:sibling"}, "who:me")
    t = told(talk, **about)
    t.slots["topic"], t.slots["awaiting"] = "work_permission", None
    assert t.say("nlu_fallback", text, hint=now) == ["ask.whom"]


def test_she_is_the_client_spoken_of_before(talk):
    t = told(talk, hint="who:client")
    assert t.say("ask_work_permission", "Darf sie arbeiten?", hint="who:third") != ["ask.whom"]


@pytest.mark.parametrize("said", [("mein Bruder", "who:sibling"), ("der andere", "else")])
def test_a_name_typed_at_the_question_is_an_answer(talk, said):
    t = told(talk)
    t.say("ask_work_permission", "Darf mein Bruder arbeiten?", hint="who:sibling")
    t.say("nlu_fallback", said[0], hint=said[1])
    assert "nationality" not in facts(t)


def test_a_no_to_the_brothers_paper_does_not_bring_back_ones_own(talk):
    t = talk(DAY)
    t.say(
        "ask_work_permission", "Ich habe subsidiären Schutz, darf ich arbeiten?", residence_status="ae_25_2_subsidiary"
    )
    t.press("choice.yes")
    text = "Mein Bruder hat eine Duldung, darf er arbeiten?"
    t.say("ask_work_permission", text, residence_status="duldung", hint=["kin", "who:sibling"])
    t.press("choice.same_person")
    assert t.said[0]["response"].startswith("confirm.residence_status")
    t.say("deny", "nein")
    assert "residence_status" not in facts(t) and t.said[-1]["response"] == "ask.residence_status"


def test_a_volunteer_is_not_the_one_who_wants_to_work_unpaid(talk):
    t = talk(DAY)
    text = "I am a volunteer. My client has a Duldung. May he work?"
    t.say("ask_work_permission", text, residence_status="duldung", activity="volunteering", hint="who:client")
    assert "activity" not in facts(t)
    t = talk(DAY)
    t.say("ask_work_permission", "May I do volunteer work?", activity="volunteering", hint="who:me")
    assert facts(t)["activity"] == "volunteering"


def test_papers_and_the_office_are_held_back_as_well(talk):
    for intent in ("ask_required_documents", "ask_responsible_office"):
        t = told(talk)
        text = "Welche Unterlagen braucht mein Bruder für die Arbeitserlaubnis?"
        assert t.say(intent, text, procedure="work_permit", hint="who:sibling") == ["ask.whom"], intent
        t.press("choice.another_person")
        assert "nationality" not in facts(t) and len(t.said) > 1


def test_what_interrupts_the_question_does_not_lose_it(talk):
    t = told(talk)
    t.say("ask_work_permission", "Darf mein Bruder arbeiten?", hint="who:sibling")
    t.say("ask_opening_hours", "Wann ist Mettmann offen?", site="mettmann")
    assert t.press("choice.continue") == ["ask.whom"]
