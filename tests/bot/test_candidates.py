"""A chosen meaning is kept without anything that tells who chose it."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from bot.candidates import FILE, Candidates, chosen, masked

DAY = date(2024, 3, 13)
CHOICES = [
    {"label": "meaning.ask_location", "payload": "/ask_location"},
    {"label": "meaning.ask_contact", "payload": "/ask_contact"},
    {"label": "choice.something_else", "payload": "/ask_capabilities"},
    {"label": "choice.person", "payload": "/request_human"},
]


def lines(folder: Path) -> list[dict[str, object]]:
    path = folder / FILE
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []


def test_a_choice_is_kept_without_the_message(tmp_path: Path) -> None:
    Candidates(tmp_path).keep(DAY, "de", CHOICES, "/ask_contact", "wo telefon")
    offered = ["ask_location", "ask_contact"]
    assert lines(tmp_path) == [{"day": "2024-03-13", "language": "de", "offered": offered, "chosen": "ask_contact"}]
    assert (tmp_path / FILE).stat().st_mode & 0o077 == 0


def test_something_else_is_kept_as_none_of_them(tmp_path: Path) -> None:
    Candidates(tmp_path).keep(DAY, "de", CHOICES, "/ask_capabilities", None)
    assert lines(tmp_path)[0]["chosen"] is None


def test_other_buttons_leave_no_trace(tmp_path: Path) -> None:
    Candidates(tmp_path, texts=True).keep(DAY, "de", CHOICES, "/request_human", "hallo")
    Candidates(tmp_path, texts=True).keep(DAY, "de", CHOICES, "/greet", "hallo")
    assert lines(tmp_path) == []
    assert chosen(CHOICES, "/request_human") is None


def test_where_the_operator_wants_it_the_known_words_are_kept_too(tmp_path: Path) -> None:
    Candidates(tmp_path, texts=True).keep(DAY, "de", CHOICES, "/ask_contact", "Xhevahire Qorraj, wo telefon 0151123")
    assert lines(tmp_path)[0]["text"] == "_ _ wo telefon _"


@pytest.mark.parametrize(
    "text", ["schreiben an a.b@example.org bitte", "termin am 12.3.", "https://example.org/x termin"]
)
def test_addresses_and_numbers_are_masked(text: str) -> None:
    kept = masked(text) or ""
    assert "_" in kept and not any(sign in kept for sign in "@0123456789/")


def test_a_long_story_is_not_kept() -> None:
    assert masked("ich " * 30) is None


def test_a_folder_that_cannot_be_written_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    Candidates(tmp_path / "file").keep(DAY, "de", CHOICES, "/ask_contact", None)
