"""A message that may be about danger, though something else was understood, is answered below the two numbers."""

from __future__ import annotations

import pytest

DAY = "2026-11-28T10:00"
NUMBERS = "emergency.in_short"
LONG = "gave my cat to the neighbour, thank you for everything"


def told(talk, intent, chance, text=LONG):
    t = talk(DAY)
    t.ranking = {intent: 0.9 - chance, "emergency": chance}
    return t.say(intent, text)


@pytest.mark.parametrize("intent", ["ask_health", "affirm", "nlu_fallback"])
def test_the_numbers_stand_above_the_answer(talk, intent):
    said = told(talk, intent, 0.12)
    assert said[0] == NUMBERS
    assert len(said) > 1 and NUMBERS not in said[1:]


def test_danger_is_offered_first_where_the_message_was_not_understood(talk):
    t = talk(DAY)
    t.ranking = {"thank": 0.5, "goodbye": 0.3, "ask_health": 0.06, "emergency": 0.04}
    t.say("nlu_fallback", LONG)
    assert t.labels()[:3] == ["meaning.emergency", "meaning.thank", "meaning.goodbye"]
    assert t.press("meaning.emergency")[0] == "emergency.numbers"


def test_an_ordinary_message_is_answered_without_them(talk):
    assert NUMBERS not in told(talk, "ask_health", 0.08)


def test_a_bare_word_tells_too_little(talk):
    assert NUMBERS not in told(talk, "ask_health", 0.2, "my doctor")


def test_danger_itself_is_answered_once(talk):
    said = told(talk, "emergency", 0.9)
    assert said[0] == "emergency.numbers" and NUMBERS not in said


def test_a_button_is_no_danger(talk):
    t = talk(DAY)
    t.say("greet", "Hello")
    t.ranking = {"emergency": 1.0}
    assert NUMBERS not in t.press("choice.work_permission")


DANGER = "emergency.numbers"


def after(talk_, *responses):
    """What stands on the screen right before the next message, where it is not the assistant's last action."""
    talk_.before = list(responses)
    return talk_


def test_a_yes_after_danger_is_no_yes_to_deleting_everything(talk):
    t = talk(DAY)
    t.say("delete_my_data", "Alles löschen")
    after(t, DANGER)
    assert t.say("affirm", "ja") == [DANGER]
    assert not t.erased


def test_a_yes_after_thanks_asks_again_before_it_deletes(talk):
    t = talk(DAY)
    t.say("delete_my_data", "Alles löschen")
    after(t, "conversation.you_are_welcome")
    assert t.say("affirm", "ja") == ["privacy.really_delete"]
    assert not t.erased
    after(t, "privacy.really_delete")
    t.say("affirm", "ja")
    assert t.erased


def test_a_yes_after_danger_is_no_fact_of_the_law(talk):
    t = talk(DAY, site="mettmann")
    t.say("ask_work_permission", "Ich habe subsidiären Schutz", residence_status="ae_25_2_subsidiary")
    after(t, DANGER)
    t.say("affirm", "ja, bitte schnell")
    assert not t.slots.get("facts")


def test_a_person_asked_for_in_danger_is_told_at_once_not_booked(talk):
    t = talk(DAY, site="mettmann")
    after(t, DANGER)
    assert t.say("request_human", "/request_human") == [NUMBERS, "handoff.waiting", "handoff.meanwhile"]


def test_the_open_question_is_taken_up_after_danger(talk):
    t = talk(DAY)
    t.say("ask_work_permission", "Darf ich arbeiten?")
    after(t, DANGER)
    assert t.say("inform") == ["ask.residence_status"]
