"""Talk about the talk: hello, language, not understood, again, stop, delete."""

import pytest


def test_hello_offers_the_four_topics_and_the_other_languages(talk):
    t = talk()
    assert t.say("greet") == ["greet.hello"]
    assert t.labels() == [
        "choice.opening_hours",
        "choice.documents",
        "choice.language_course",
        "choice.work_permission",
        "meaning.change_language",
    ]


def test_not_understood_once_offers_the_topics_and_twice_a_person(talk):
    t = talk()
    assert t.say("nlu_fallback", "🙂") == ["fallback.not_understood"]
    assert t.labels()[:4] == [
        "choice.opening_hours",
        "choice.documents",
        "choice.language_course",
        "choice.work_permission",
    ]
    assert t.say("nlu_fallback", "asdf") == ["fallback.offer_person"]
    assert t.labels()[0] == "choice.person"
    assert t.say("nlu_fallback", "asdf") == ["fallback.offer_person"]


def test_a_message_understood_in_part_offers_what_it_may_mean(talk):
    t = talk()
    t.ranking = {"nlu_fallback": 0.5, "ask_location": 0.4, "ask_opening_hours": 0.3, "greet": 0.1, "thank": 0.06}
    assert t.say("nlu_fallback", "mittwoch wo", day="wednesday") == ["fallback.did_you_mean"]
    assert t.labels() == [
        "meaning.ask_location",
        "meaning.ask_opening_hours",
        "meaning.greet",
        "choice.something_else",
    ]
    t.ranking = {}
    choices = t.message("fallback.did_you_mean")["choices"]
    assert choices[1]["payload"] == '/ask_opening_hours{"day": "wednesday"}'


def test_only_meanings_with_a_chance_are_offered_and_no_more_than_needed(talk):
    t = talk()
    t.ranking = {"nlu_fallback": 0.5, "ask_location": 0.6, "ask_contact": 0.35, "greet": 0.05}
    t.say("nlu_fallback", "hm")
    assert t.labels() == ["meaning.ask_location", "meaning.ask_contact", "choice.something_else"]
    t.ranking = {"nlu_fallback": 0.5, "greet": 0.04}
    assert t.say("nlu_fallback", "hm") == ["fallback.offer_person"]


def test_asked_back_twice_a_person_is_offered_too(talk):
    t = talk()
    t.ranking = {"nlu_fallback": 0.5, "ask_location": 0.4, "greet": 0.2}
    t.say("nlu_fallback", "hm")
    assert t.say("nlu_fallback", "hm hm") == ["fallback.did_you_mean"]
    assert t.labels()[-1] == "choice.person"


def test_every_intent_has_a_phrase_for_its_button(replies, domain):
    intents = [i if isinstance(i, str) else next(iter(i)) for i in domain["intents"]]
    assert [intent for intent in intents if not replies.has(f"meaning.{intent}")] == []


def test_understanding_resets_the_patience(talk):
    t = talk()
    t.say("nlu_fallback", "asdf")
    t.say("greet")
    assert t.slots["misunderstood"] == 0
    assert t.say("nlu_fallback", "asdf") == ["fallback.not_understood"]


def test_an_answer_of_rasa_s_own_resets_the_patience_too(talk):
    t = talk()
    t.say("nlu_fallback", "asdf")
    t.say("thank")
    assert t.say("nlu_fallback", "asdf") == ["fallback.not_understood"]


def test_not_understood_in_the_middle_repeats_the_open_question(talk):
    t = talk()
    t.say("ask_work_permission")
    assert t.say("nlu_fallback", "hm") == ["fallback.not_understood", "ask.residence_status"]


def test_a_language_that_was_not_named_is_asked_with_each_name_in_its_own_words(talk):
    t = talk()
    assert t.say("change_language") == ["language.which"]
    assert t.press("choice.language.ar") == ["language.changed"]
    assert t.language == "ar"


def test_a_language_we_lack_is_named_and_ours_are_shown(talk):
    t = talk()
    assert t.say("change_language", language="ti") == ["language.not_yet"]
    assert "Tigrinya" in t.words()
    assert t.language == "de"


def test_the_last_answer_comes_again_in_easier_words(talk):
    t = talk(site="mettmann")
    t.say("ask_opening_hours")
    before = [m["response"] for m in t.said]
    assert t.say("repeat_simpler") == before
    assert all(m["values"]["simple"] is True for m in t.said)


def test_nothing_to_repeat_is_said(talk):
    t = talk()
    assert t.say("repeat_simpler") == ["conversation.nothing_to_repeat"]


def test_restart_forgets_every_fact(talk):
    t = talk()
    t.say("ask_work_permission", residence_status="duldung", duration="5")
    assert t.say("restart") == ["conversation.restarted"]
    assert not any(t.slots[name] for name in t.slots)


def test_stop_leaves_the_questions_but_keeps_the_facts(talk):
    t = talk()
    t.say("ask_work_permission", residence_status="duldung")
    assert t.say("stop") == ["conversation.stopped"]
    assert t.slots["awaiting"] is None
    assert t.facts == {"residence_status": "duldung"}


def test_deleting_asks_once_and_then_erases(talk):
    t = talk()
    t.say("ask_work_permission", residence_status="duldung")
    assert t.say("delete_my_data") == ["privacy.really_delete"]
    assert not t.erased
    assert t.say("affirm") == ["privacy.deleted"]
    assert t.erased
    assert not t.facts


def test_deleting_can_be_declined(talk):
    t = talk()
    t.say("delete_my_data")
    t.say("deny")
    assert not t.erased
    t.say("affirm")
    assert not t.erased, "a later yes belongs to nothing"


def test_a_fact_told_unasked_is_kept_for_later(talk):
    t = talk()
    assert t.say("inform", residence_status="duldung", country="SY") == ["conversation.noted"]
    assert t.facts == {"residence_status": "duldung", "nationality": "SY"}


def test_a_duration_without_a_paper_is_not_guessed_to_mean_one(talk):
    t = talk()
    t.say("inform", duration="5")
    assert t.facts == {}


@pytest.mark.parametrize(
    "intent",
    [
        "goodbye",
        "thank",
        "bot_challenge",
        "ask_capabilities",
        "ask_privacy",
        "out_of_scope",
        "emergency",
        "complain",
        "affirm",
        "deny",
        "ask_why",
        "ask_more",
        "dont_know",
        "ask_job_search",
        "ask_travel_costs",
        "ask_interpreter",
        "ask_childcare",
        "ask_employer_info",
        "ask_asylum_procedure",
        "ask_family_reunification",
        "ask_health",
        "find_language_course",
        "ask_work_permit_process",
        "ask_benefits",
        "ask_status_change",
        "ask_child_benefit",
        "ask_vocational_training",
        "ask_qualification_recognition",
        "ask_housing",
        "ask_language_course",
    ],
)
def test_every_question_gets_an_answer_with_words(talk, intent):
    t = talk()
    assert t.say(intent)


def test_danger_shows_the_numbers_and_a_person(talk):
    t = talk()
    assert t.say("emergency") == ["emergency.numbers"]
    assert "110" in t.words() and "112" in t.words()
    assert t.labels() == ["choice.person"]


def test_a_few_words_that_hold_the_asked_fact_are_the_answer_whatever_the_classifier_says(talk):
    t = talk()
    t.say("ask_work_permission", "Darf ich arbeiten?", residence_status="duldung", activity="employment")
    t.press("choice.dont_know")
    assert t.message("ask.in_reception_centre")
    t.say("ask_housing", "in einer Wohnung", in_reception_centre="false")
    assert t.facts["in_reception_centre"] is False
    assert any(said["response"].startswith("ask.") for said in t.said)


def test_a_question_in_the_middle_of_the_interview_stays_a_question(talk):
    t = talk()
    t.say("ask_work_permission", "Darf ich arbeiten?", residence_status="duldung", activity="employment")
    t.press("choice.dont_know")
    t.say("ask_housing", "Darf ich in eine Wohnung ziehen?", in_reception_centre="false")
    assert "choice.continue" in t.labels()


def test_told_answers_are_listed_to_be_corrected_and_one_is_asked_again(talk):
    t = talk()
    t.say("ask_work_permission", residence_status="duldung", activity="employment")
    assert t.say("inform", change="list") == ["interview.which_answer"]
    t.press("choice.fact", fact="activity")
    assert "ask.activity" in [said["response"] for said in t.said]


def test_a_day_from_which_another_fact_decides_is_not_left_out_of_the_calendar(talk):
    # § 61 Abs. 1 Satz 2 AsylG: six months in the centre are over on 01.11.2024; then the state of the procedure decides.
    t = talk()
    facts = {"residence_status": "aufenthaltsgestattung", "in_reception_centre": "true", "activity": "employment"}
    t.say("ask_work_permission", nationality="SY", day="2024-05-01", **facts)
    while (asked := [m["response"] for m in t.said if m["response"].startswith("ask.")]) and "ask.slot" not in asked:
        t.press("choice.dont_know")
    t.say("ask_when_allowed")
    assert ("calendar.open", "2024-11-01") in [(m["response"], m["values"].get("day")) for m in t.said if "values" in m]
