"""How an office works: who may come, intake form, consent, hand-over; what is not known is said."""

from dataclasses import replace

import pytest

from office.site_words import (
    BENEFITS,
    CONSENT_DATA,
    EMPLOYERS,
    FIELDS,
    GROUPS,
    HANDED_ON,
    HOUSE,
    LEAVES,
    OFFICES,
    PERSON_GETS,
    WHO,
)
from office.sites import sites

STEPS = ("access", "intake", "consent", "handover")


def test_what_to_explain_is_asked_then_where(talk):
    t = talk()
    assert t.say("ask_office_procedure") == ["ask.step"]
    assert t.press("choice.step.handover") == ["ask.site"]
    assert t.press("choice.site", site="warendorf")[0] == "handover.within"
    assert t.site == "warendorf"


def test_warendorf_is_reached_through_the_sozialamt_or_the_immigration_office(talk):
    t = talk()
    said = t.say("ask_office_procedure", step="access", site="Oelde")
    assert said == ["access.referral", "access.groups", "access.nationalities", "access.stay_unknown", "place.as_of"]
    assert t.message("access.nationalities")["values"] == {"countries": ["SY", "IQ", "IR", "ER"], "as_of": "2016-02-29"}
    assert "This can be different today" in t.words()


def test_herford_says_who_must_who_may_and_for_how_long(talk):
    t = talk(site="herford")
    said = t.say("ask_office_procedure", step="access")
    assert said[2:5] == ["access.must", "access.may", "access.at_most"]
    assert t.message("access.must")["values"] == {"who": ["change_to_sgb2"], "since": "2016-01-01"}
    assert t.message("access.at_most")["values"]["months"] == 12
    assert "12 months" in t.words()


def test_mettmann_may_be_visited_by_oneself(talk):
    t = talk(site="mettmann")
    assert t.say("ask_office_procedure", step="access")[:2] == ["access.direct", "access.groups"]
    assert "Duldung" in t.words()


def test_the_handover_tells_its_deadline_its_papers_and_that_no_gap_opens(talk):
    t = talk(site="warendorf")
    said = t.say("ask_office_procedure", step="handover")
    assert said == ["handover.within", "handover.passed_on", "handover.you_get", "handover.no_gap",
                    "handover.show_letter", "place.as_of"]  # fmt: skip
    words = t.words()
    assert "within 7 calendar days" in words
    assert "Übergabevermerk" in words and "Kindergeld" in words
    assert "goes on paying (AsylbLG) until the Jobcenter has really granted" in words


def test_in_herford_the_adviser_stays_and_when_one_leaves_is_said(talk):
    t = talk(site="herford")
    said = t.say("ask_office_procedure", step="handover")
    assert said[:3] == ["handover.same_adviser", "handover.leaves_when", "responsible.money_in_town"]


def test_fields_of_a_form_we_do_not_know_are_marked_as_usual_ones(talk):
    t = talk(site="warendorf")
    said = t.say("ask_office_procedure", step="intake")
    assert said == ["intake.what", "intake.shared", "intake.fields_draft", "intake.fields_optional", "intake.help",
                    "place.as_of"]  # fmt: skip
    assert "I do not know the office's own form" in t.words()


def test_consent_says_to_whom_and_that_the_person_decides(talk):
    t = talk(site="warendorf")
    assert t.say("ask_office_procedure", step="consent") == [
        "consent.passed_on", "consent.data", "consent.your_right", "place.as_of",
    ]  # fmt: skip
    assert "Art. 7 Abs. 3 DSGVO" in t.words()


def test_before_the_gdpr_its_paragraph_is_not_cited(talk):
    t = talk("2016-02-29T10:00", site="warendorf")
    assert "consent.you_decide" in t.say("ask_office_procedure", step="consent")
    assert "DSGVO" not in t.words()


@pytest.mark.parametrize("site", ["mettmann", "herford"])
@pytest.mark.parametrize(("step", "name"), [("intake", "intake.unknown"), ("consent", "consent.unknown")])
def test_what_the_slides_do_not_say_is_said_to_be_unknown(talk, site, step, name):
    t = talk(site=site)
    assert t.say("ask_office_procedure", step=step)[0] == name
    assert "I do not know" in t.words()


def test_mettmann_does_not_say_how_it_hands_over(talk):
    t = talk(site="mettmann")
    assert t.say("ask_office_procedure", step="handover") == ["handover.unknown", "handover.show_letter", "place.as_of"]


@pytest.mark.parametrize("site", list(sites()))
@pytest.mark.parametrize("step", STEPS)
def test_every_answer_carries_its_date_and_leads_on(talk, replies, site, step):
    t = talk(site=site)
    assert t.say("ask_office_procedure", step=step)[-1] == "place.as_of"
    assert "choice.person" in t.labels()
    assert not any(said.get("choices") for said in t.said[:-1])
    for language in ("de", "ar", "en"):
        assert t.words(language)


def test_the_question_can_be_left(talk):
    t = talk()
    t.say("ask_office_procedure")
    assert t.press("choice.stop") == ["conversation.stopped"]
    assert t.slots["awaiting"] is None


def test_the_same_can_be_asked_for_another_town(talk):
    t = talk(site="mettmann")
    t.say("ask_office_procedure", step="consent")
    assert t.say("inform", "und in Oelde", site="Oelde")[0] == "consent.passed_on"
    assert t.site == "warendorf"
    # after something else it is no longer meant
    t.say("ask_opening_hours", site="mettmann")
    assert "consent.passed_on" not in t.say("inform", "Oelde", site="Oelde")


def test_every_code_of_a_site_file_has_words(replies):
    for prefix, codes in (
        ("office", OFFICES), ("site_group", GROUPS), ("site_who", WHO), ("employer_offer", EMPLOYERS),
        ("intake_field", FIELDS), ("consent_data", CONSENT_DATA), ("handed_on", HANDED_ON),
        ("person_gets", PERSON_GETS), ("leaves_when", LEAVES),
    ):  # fmt: skip
        assert [code for code in codes if not replies.has(f"{prefix}.{code}")] == []
    assert set(BENEFITS) == {"first_application_here", "jobcenter_of_the_town"}


# what a general answer means here ----------------------------------------------------------------------------


def test_travel_costs_are_possible_in_mettmann_and_unknown_elsewhere(talk):
    t = talk(site="mettmann")
    assert t.say("ask_travel_costs") == ["referral.travel_costs", "travel_costs.possible_here", "place.as_of"]
    assert "travel_costs.unknown_here" in t.say("ask_travel_costs", site="Herford")


def test_mettmann_has_an_arabic_interpreter_and_others_are_not_known(talk):
    t = talk(site="mettmann")
    assert "interpreter.here" in t.say("ask_interpreter")
    assert "Arabic" in t.words()
    assert "interpreter.unknown_here" in t.say("ask_interpreter", site="Ahlen")


def test_employers_get_the_mailbox_or_hear_that_it_is_not_known(talk):
    t = talk()
    assert t.say("ask_employer_info") == ["referral.employer_info"]
    assert "employer.email" in t.press("choice.site", site="mettmann")
    assert "Mettmann.Arbeitgeber@arbeitsagentur.de" in t.words()
    assert "employer.email_unknown" in t.say("ask_employer_info", site="Oelde")


@pytest.mark.parametrize(
    "intent", ["ask_childcare", "ask_health", "ask_family_reunification", "ask_asylum_procedure", "ask_job_search"]
)
def test_what_others_answer_is_referred_to_them_with_a_person_offered(talk, intent):
    t = talk()
    said = t.say(intent)
    assert said == [f"referral.{intent.removeprefix('ask_')}"]
    assert "choice.person" in t.labels()
    assert all(len(line) < 320 for line in t.words().splitlines())


def test_somebody_may_come_along_whatever_the_office(talk):
    t = talk()
    assert t.say("ask_office_procedure", "Darf mein Freund mitkommen?", hint="companion") == ["companion.allowed"]
    assert "§ 13 Abs. 4 SGB X" in t.words()


def test_what_is_not_known_of_the_house_is_said_with_the_way_to_ask(talk):
    t = talk(site="mettmann")
    said = t.say("ask_office_procedure", "Gibt es einen Aufzug?", hint="house:step_free")
    assert said == ["house.unknown", "contact.email"]
    assert t.message("house.unknown")["values"]["what"] == ["step_free"]


def test_what_was_asked_of_the_house_waits_for_the_site_and_goes_along_to_another(talk):
    t = talk()
    assert t.say("ask_office_procedure", "Kann ich dort parken?", hint="house:parking") == ["ask.site"]
    t.press("choice.site", site="herford")
    assert t.message("house.unknown")["values"] == {"site": "herford", "what": ["parking"]}
    t.say("inform", "Und in Ahlen?", site="Ahlen")
    assert t.message("house.unknown")["values"] == {"site": "warendorf", "what": ["parking"]}


def test_what_is_known_of_the_house_is_said_with_its_day(talk, monkeypatch):
    known = replace(sites()["herford"], house={"parking": False, "letterbox": True})
    monkeypatch.setattr("actions.places.sites", lambda: {**sites(), "herford": known})
    t = talk(site="herford")
    said = t.say(
        "ask_office_procedure", "Gibt es Parkplätze und einen Aufzug?", hint=["house:parking", "house:step_free"]
    )
    assert said[:2] == ["house.parking.no", "house.unknown"] and said[-1] == "place.as_of"
    assert t.message("house.unknown")["values"]["what"] == ["step_free"]
    assert t.say("ask_office_procedure", step="house")[:3] == [
        "house.parking.no",
        "house.letterbox.yes",
        "house.unknown",
    ]


@pytest.mark.parametrize("code", HOUSE)
def test_everything_that_may_be_said_of_a_house_has_words(replies, code):
    for end in ("yes", "no"):
        assert "Herford" in replies.render(f"house.{code}.{end}", {"site": "herford"}, "en")


def test_a_lift_asked_for_as_the_way_is_answered_before_the_address(talk):
    t = talk()
    assert t.say("ask_location", "Gibt es einen Aufzug?", hint="house:step_free") == ["ask.site"]
    said = t.press("choice.site", site="mettmann")
    assert said[0] == "house.unknown" and "location.address" in said


def test_whoever_comes_along_to_translate_may_also_speak(talk):
    t = talk()
    said = t.say("ask_interpreter", "Darf mein Freund mitkommen und übersetzen?", hint="companion")
    assert said[0] == "companion.allowed" and "referral.interpreter" in said
    assert "companion.allowed" not in talk().say("ask_interpreter", "Spricht jemand Dari?")


def test_children_at_the_appointment_are_no_question_of_kindergarten_only(talk):
    t = talk(site="mettmann")
    said = t.say("ask_childcare", "Darf ich meine Kinder zum Termin mitbringen?", hint="house:play_corner")
    assert said[0] == "house.unknown" and "referral.childcare" in said


def test_and_in_herford_after_the_way_is_the_same_question(talk):
    t = talk(site="mettmann")
    t.say("ask_location", "Gibt es dort einen Aufzug?", hint="house:step_free")
    said = t.say("nlu_fallback", "Und in Herford?", site="Herford")
    assert said[0] == "house.unknown" and t.message("house.unknown")["values"]["site"] == "herford"
    t.say("ask_location", "Wo ist es?")
    assert t.say("inform", "und in Ahlen", site="Ahlen")[0] == "location.unknown"


def test_a_number_to_take_is_no_question_of_who_must_come(talk):
    t = talk(site="herford")
    said = t.say("ask_office_procedure", "Muss man da eine Nummer ziehen", step="access", hint="house:queue_number")
    assert said[0] == "house.unknown"


def test_half_understood_questions_about_the_house_are_answered_not_asked_back(talk):
    t = talk(site="mettmann")
    t.ranking = {"ask_location": 0.4, "ask_office_procedure": 0.35}
    assert t.say("nlu_fallback", "Wo stelle ich mein Auto hin?", hint="house:parking")[0] == "house.unknown"
    t.ranking = {"ask_interpreter": 0.4, "book_appointment": 0.35}
    assert t.say("nlu_fallback", "May I bring someone with me?", hint="companion") == ["companion.allowed"]
    t.ranking = {"ask_benefits": 0.4, "ask_housing": 0.35}
    assert t.say("nlu_fallback", "Zahlt ihr das Parken?", hint="house:parking") == ["fallback.did_you_mean"]


def test_children_at_the_appointment_ask_for_the_site_first(talk):
    t = talk()
    said = t.say("ask_childcare", "Darf ich mein Kind zum Termin mitbringen?", hint="house:play_corner")
    assert said == ["ask.site"]
    t.press("choice.site", site="herford")
    assert t.message("house.unknown")["values"]["what"] == ["play_corner"]
