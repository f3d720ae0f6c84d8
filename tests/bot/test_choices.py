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


@pytest.mark.parametrize(
    ("text", "title"), [("لا", "لا أعرف"), ("نه", "نه نمی‌دانم"), ("nicht", "Weiß nicht"), ("مو", "مو هسه")]
)
def test_a_bare_no_is_no_part_of_a_longer_title(text: str, title: str) -> None:
    buttons = (Button("العمل", '/inform{"topic": "work"}'), Button(title, "/dont_know"))
    assert pressed(text, [buttons], asked=True) is None
    assert pressed(title, [buttons], asked=True) == "/dont_know"


@pytest.mark.parametrize("text", ["لا", "لا!"])
def test_a_bare_no_is_a_whole_title(text: str) -> None:
    buttons = (Button("نعم", "/affirm"), Button("لا", "/deny"), Button("لا أعرف", "/dont_know"))
    assert pressed(text, [buttons], asked=True) == "/deny"


@pytest.mark.parametrize("text", ["2", "2.", "٢", "۲", "፪", "②", "2️⃣", " 2 ", "second"])
def test_a_number_counts_the_buttons_of_an_answer_that_asks_nothing(text: str) -> None:
    meanings = (Button("Opening hours", "/ask_opening_hours"), Button("Something else", "/ask_capabilities"))
    assert pressed(text, [meanings], asked=False, counted=meanings) == "/ask_capabilities"


def test_where_nothing_is_asked_every_button_counts_and_words_around_a_number_say_something_else() -> None:
    ways = (Button("Talk to someone", "/request_human"), Button("Papers", "/ask_required_documents"))
    assert pressed("1", [ways], asked=False, counted=ways) == "/request_human"
    assert pressed("1", [ways[:1]], asked=False, counted=ways[:1]) == "/request_human"
    for text in ("3", "0", "2 months", "the second time", "½"):
        assert pressed(text, [ways], asked=False, counted=ways) is None, text


def test_a_number_counts_the_buttons_on_the_screen_alone() -> None:
    ways_out = (Button("I don't know", '/dont_know{"months": "unknown"}'), Button("Why?", "/ask_why"))
    assert pressed("2", [(*TOPICS, *ways_out)], asked=True, counted=ways_out) is None
    assert pressed("2", [(*ARABIC, *TOPICS)], asked=True, counted=TOPICS) == TOPICS[1].payload


def test_words_that_two_buttons_share_press_neither() -> None:
    both = (Button("Work in Ahlen", "/greet"), Button("Work in Herford", "/thank"))
    assert pressed("work", [both], asked=True) is None
    assert pressed("Herford", [both], asked=True) == "/thank"
