"""The phrase lexicon: patterns, clitics, the language that decides, and the files as they are shipped."""

from __future__ import annotations

from pathlib import Path
from statistics import median
from time import perf_counter

import pytest

from bot.nlu.examples import read_training
from bot.nlu.lexicon import (
    FOLDER,
    PREFIXES,
    Lexicon,
    LexiconError,
    Row,
    main_language,
    read_folder,
    read_rows,
    tokens_of,
)

ROWS = [
    Row("COURSE", "de", ("*kurs*", "unterricht")),
    Row("MAY", "de", ("darf*",)),
    Row("MAY", "en", ("may i", "allowed")),
    Row("THE", "de", ("die",)),
    Row("DIE", "en", ("die",)),
    Row("PAPER", "ar", ("ورقة", "أوراق")),
    Row("WOMEN", "de", ("für frauen",)),
    Row("I", "en", ("i", "i am", "my")),
    Row("I", "de", ("ich", "bin")),
    Row("WANT", "fa", ("خواه*",)),
    Row("WORK", "ti", ("ስራሕ",)),
    Row(PREFIXES, "ar", ("وال", "بال", "ال", "لل", "و", "ب")),
    Row(PREFIXES, "fa", ("نمی", "می", "ن")),
    Row(PREFIXES, "ti", ("ን", "ብ")),
]


def meanings(text: str, rows: list[Row] = ROWS) -> set[str]:
    return {match.meaning for match in Lexicon(rows).find(tokens_of(text))}


@pytest.mark.parametrize("text", ["Kurs", "Deutschkurs", "KURSE", "Sprachkurses", "der Unterricht"])
def test_a_star_stands_for_any_ending_and_any_beginning(text: str) -> None:
    assert "COURSE" in meanings(text)


def test_without_a_star_the_whole_word_must_fit() -> None:
    assert "COURSE" not in meanings("Unterrichtsstunde")


@pytest.mark.parametrize("text", ["für Frauen", "fuer frauen", "FÜR FRAUEN", "fur frauen"])
def test_umlauts_are_found_however_they_are_typed(text: str) -> None:
    assert "WOMEN" in meanings(text)


def test_a_phrase_needs_all_its_words_in_a_row() -> None:
    assert "MAY" in meanings("may i come")
    assert "MAY" not in meanings("i may come")


@pytest.mark.parametrize("text", ["الأوراق", "بالاوراق", "وأوراق", "للأوراق", "والورقه"])
def test_arabic_words_are_found_behind_what_is_written_together_with_them(text: str) -> None:
    assert "PAPER" in meanings(text)


@pytest.mark.parametrize("text", ["می‌خواهم", "نمی خواهم", "خواهم", "نخواهم"])
def test_persian_verbs_are_found_behind_their_beginnings(text: str) -> None:
    assert "WANT" in meanings(text)


def test_tigrinya_words_are_found_behind_their_prepositions_and_in_either_spelling() -> None:
    assert "WORK" in meanings("ንሥራሕ")


def test_a_prefix_counts_only_in_its_own_language() -> None:
    assert "PAPER" not in meanings("نورقة")  # 'ن' is Persian, the word is not


@pytest.mark.parametrize("text", ["unterrciht", "unterriht", "untterricht", "unterrikht"])
def test_a_long_word_with_one_slip_is_found_if_that_is_wanted(text: str) -> None:
    found = Lexicon(ROWS, fuzzy=True).find(tokens_of(text))
    assert [match.meaning for match in found] == ["COURSE"]
    assert Lexicon(ROWS).find(tokens_of(text)) == []


def test_a_short_or_known_word_is_never_taken_for_a_slip() -> None:
    lexicon = Lexicon(ROWS, fuzzy=True)
    assert lexicon.find(tokens_of("diw")) == []
    assert [match.meaning for match in lexicon.find(tokens_of("allowed"))] == ["MAY"]


def test_a_word_of_two_languages_is_read_in_the_language_of_the_message() -> None:
    assert "DIE" not in meanings("ich bin die neue")
    assert "DIE" in meanings("i am allowed to die")


def test_a_german_word_inside_an_english_message_keeps_its_meaning() -> None:
    assert {"I", "COURSE"} <= meanings("i am in my Deutschkurs")


def test_nothing_known_has_no_language_and_no_meaning() -> None:
    lexicon = Lexicon(ROWS)
    assert lexicon.find(tokens_of("🤷 xyzzy")) == []
    assert main_language([]) is None


def test_a_line_without_three_columns_is_refused_with_its_number(tmp_path: Path) -> None:
    path = tmp_path / "bad.tsv"
    path.write_text("# comment\nWORK\tde\tarbeit\nWORK de arbeit\n", encoding="utf-8")
    with pytest.raises(LexiconError, match=r"bad\.tsv, line 3"):
        list(read_rows(path))


@pytest.mark.parametrize("folder", ["concepts", "entities"])
def test_the_shipped_files_can_be_read_and_no_form_stands_twice_in_a_row(folder: str) -> None:
    rows = read_folder(FOLDER / folder)
    assert len(rows) > 300
    twice = [(row.meaning, row.language, form) for row in rows for form in row.forms if row.forms.count(form) > 1]
    assert twice == []


def test_most_concepts_have_words_in_all_three_languages() -> None:
    languages: dict[str, set[str]] = {}
    for row in read_folder(FOLDER / "concepts"):
        languages.setdefault(row.meaning, set()).add(row.language)
    assert sum({"ar", "de", "en"} <= found for found in languages.values()) >= 275


def test_no_shipped_form_is_empty_or_a_lone_star() -> None:
    for folder in ("concepts", "entities"):
        for row in read_folder(FOLDER / folder):
            assert row.forms, row
            assert all(form.strip("* ") for form in row.forms), row


def test_reading_the_whole_lexicon_takes_less_than_two_milliseconds_a_message() -> None:
    lexicon = Lexicon(read_folder(FOLDER / "concepts"))
    texts = [example.text for example in read_training(FOLDER.parent / "nlu")][::40]
    times = []
    for text in texts:
        tokens = tokens_of(text)
        began = perf_counter()
        lexicon.find(tokens)
        times.append(perf_counter() - began)
    assert len(texts) > 100
    assert median(times) < 0.002
