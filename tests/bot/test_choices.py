"""Typing what stands on a button presses it."""

from __future__ import annotations

import pytest

from bot.choices import pressed
from bot.transcript import Button

TOPICS = (
    Button("Work and training", '/inform{"topic": "work"}'),
    Button("Papers", '/inform{"topic": "documents"}'),
    Button("German course", '/inform{"topic": "language_course"}'),
    Button("Stop", "/stop"),
)
TOPICS_DE = (
    Button("Arbeit und Ausbildung", '/inform{"topic": "work"}'),
    Button("Unterlagen", '/inform{"topic": "documents"}'),
    Button("Deutschkurs", '/inform{"topic": "language_course"}'),
    Button("Abbrechen", "/stop"),
)
SLOTS = (
    Button("Tuesday, 2 July 2024, 08:30", '/inform{"slot": "mettmann:2024-07-02T08:30"}'),
    Button("Thursday, 4 July 2024, 09:00", '/inform{"slot": "mettmann:2024-07-04T09:00"}'),
    Button("Other times", '/inform{"slot": "more"}'),
)
ARABIC = (
    Button("العمل والتدريب", '/inform{"topic": "work"}'),
    Button("الأوراق", '/inform{"topic": "documents"}'),
    Button("لا أعرف", "/dont_know"),
)


@pytest.mark.parametrize(
    ("text", "payload"),
    [
        ("Papers", '/inform{"topic": "documents"}'),
        ("papers!", '/inform{"topic": "documents"}'),
        ("work", '/inform{"topic": "work"}'),
        ("unterlagen", '/inform{"topic": "documents"}'),
        ("2", '/inform{"topic": "documents"}'),
        ("the second one", '/inform{"topic": "documents"}'),
        ("das dritte", '/inform{"topic": "language_course"}'),
        ("stop", "/stop"),
        ("course", '/inform{"topic": "language_course"}'),
    ],
)
def test_words_of_a_button_press_it(text: str, payload: str) -> None:
    assert pressed(text, [TOPICS, TOPICS_DE], asked=True) == payload


@pytest.mark.parametrize(
    "text",
    ["and", "4", "0", "is that work?", "may I work in a bakery near here", "my papers", "", "first or second", "🙂"],
)
def test_other_words_press_nothing(text: str) -> None:
    assert pressed(text, [TOPICS, TOPICS_DE], asked=True) is None


def test_a_part_of_a_title_is_enough_only_for_an_answer() -> None:
    assert pressed("work", [TOPICS], asked=False) is None
    assert pressed("2", [TOPICS], asked=False) is None
    assert pressed("Papers", [TOPICS], asked=False) == '/inform{"topic": "documents"}'


def test_a_day_alone_is_a_wish_and_a_time_chooses() -> None:
    assert pressed("Tuesday", [SLOTS], asked=True) is None
    assert pressed("8.30", [SLOTS], asked=True) == SLOTS[0].payload
    assert pressed("tuesday 08:30", [SLOTS], asked=True) == SLOTS[0].payload
    assert pressed("the second", [SLOTS], asked=True) == SLOTS[1].payload
    assert pressed("3", [SLOTS], asked=True) is None  # 'other times' is not counted


def test_arabic_is_matched_whatever_form_the_letters_have() -> None:
    assert pressed("الاوراق", [ARABIC], asked=True) == ARABIC[1].payload
    assert pressed("لا اعرف", [ARABIC], asked=True) == "/dont_know"
    assert pressed("الثاني", [ARABIC], asked=True) == ARABIC[1].payload
    assert pressed("٢", [ARABIC], asked=True) == ARABIC[1].payload


def test_words_that_two_buttons_share_press_neither() -> None:
    both = (Button("Work in Ahlen", "/greet"), Button("Work in Herford", "/thank"))
    assert pressed("work", [both], asked=True) is None
    assert pressed("Herford", [both], asked=True) == "/thank"
