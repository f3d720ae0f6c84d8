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
    said = told(talk, intent, 0.04)
    assert said[0] == NUMBERS
    assert len(said) > 1 and NUMBERS not in said[1:]


def test_danger_is_offered_first_where_the_message_was_not_understood(talk):
    t = talk(DAY)
    t.ranking = {"thank": 0.5, "goodbye": 0.3, "ask_health": 0.06, "emergency": 0.04}
    t.say("nlu_fallback", LONG)
    assert t.labels()[:3] == ["meaning.emergency", "meaning.thank", "meaning.goodbye"]
    assert t.press("meaning.emergency")[0] == "emergency.numbers"


def test_an_ordinary_message_is_answered_without_them(talk):
    assert NUMBERS not in told(talk, "ask_health", 0.005)


def test_a_bare_word_tells_too_little(talk):
    assert NUMBERS not in told(talk, "ask_health", 0.1, "my doctor")


def test_danger_itself_is_answered_once(talk):
    said = told(talk, "emergency", 0.9)
    assert said[0] == "emergency.numbers" and NUMBERS not in said


def test_a_button_is_no_danger(talk):
    t = talk(DAY)
    t.say("greet", "Hello")
    t.ranking = {"emergency": 1.0}
    assert NUMBERS not in t.press("choice.work_permission")
