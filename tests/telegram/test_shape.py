"""Splitting, keyboards and callback data."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.telegram_shape import callback_data, keyboard, parse_callback, split, units
from bot.transcript import Button


def test_a_short_text_stays_whole() -> None:
    assert split("eine Zeile\nnoch eine") == ["eine Zeile\nnoch eine"]


def test_a_long_text_is_cut_at_line_ends() -> None:
    lines = [f"{n:04d} " + "x" * 94 for n in range(100)]
    parts = split("\n".join(lines))
    assert len(parts) == 3
    assert [line for part in parts for line in part.split("\n")] == lines


def test_a_line_that_is_too_long_is_cut_between_words() -> None:
    parts = split("wort " * 2000)
    assert all(units(part) <= 4096 for part in parts)
    assert all(word == "wort" for part in parts for word in part.split())


@given(st.text(max_size=400), st.integers(min_value=2, max_value=60))
def test_no_part_is_too_long_and_no_letter_is_lost(text: str, limit: int) -> None:
    parts = split(text, limit)
    assert all(0 < units(part) <= limit for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())


def test_two_short_buttons_stand_in_a_row_and_a_long_one_alone() -> None:
    titles = ["Ja", "Nein", "Weiß nicht", "Mit einer Person sprechen", "Mehr"]
    markup = keyboard(7, [Button(title, "/x") for title in titles])
    assert markup is not None
    assert [[key.text for key in row] for row in markup.inline_keyboard] == [
        ["Ja", "Nein"],
        ["Weiß nicht"],
        ["Mit einer Person sprechen"],
        ["Mehr"],
    ]
    assert markup.inline_keyboard[3][0].callback_data == "m7:4"


def test_no_buttons_no_keyboard() -> None:
    assert keyboard(7, []) is None


def test_callback_data_is_short_and_comes_back() -> None:
    data = callback_data(10**17, 12)
    assert len(data.encode()) <= 64
    assert parse_callback(data) == (10**17, 12)


@pytest.mark.parametrize("foreign", [None, "", "/affirm", "m1", "m1:2:3", "m-1:0", "x" * 64])
def test_foreign_callback_data_is_nothing(foreign: str | None) -> None:
    assert parse_callback(foreign) is None
