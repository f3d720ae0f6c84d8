"""One spelling for many, in every script; doing it twice changes nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.nlu.normalise import normalise, words
from bot.nlu.reading import read

# Letters that the normaliser touches, beside any text: where a second pass could still find something.
TOUCHED = "أإآٱىئیېةەہکگڵءـًّٰ٣۴५IİıßſÄäöøłéёґ’`–،؟٫\u200c\u200e\u202eﬁｆ①²aaaaіаеB1В2ሐኀሠፀዐዓኣሃ፡።፲፪፻ں۔ڤ می نمی"


@given(st.text(max_size=60))
def test_normalising_twice_changes_nothing(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once


@given(st.text(alphabet=TOUCHED, max_size=20))
def test_normalising_twice_changes_nothing_where_letters_are_touched(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once


@given(st.text(max_size=60))
def test_a_normalised_text_has_no_capital_no_edge_blank_and_no_invisible_sign(text: str) -> None:
    clean = normalise(text)
    assert clean == clean.strip() and "  " not in clean
    assert not set(clean) & set("\u200b\u200c\u200d\u200e\u200f\u202a\u202e\u2066\u2069\ufeff\u0640\n\t")
    assert not any("A" <= letter <= "Z" for letter in clean)


@pytest.mark.parametrize(
    ("typed", "clean"),
    [
        ("Müßte ich ARBEITEN?", "musste ich arbeiten?"),
        ("أُريدُ  الإقامَةَ", "اريد الاقامه"),
        ("دولــــدونغ", "دولدونغ"),
        ("می‌خواهم", "ميخواهم"),
        ("\u202eكيف\u202c", "كيف"),
        ("٢٥ و ۲۵ و २५", "25 و 25 و 25"),
        ("jaaaaa bitteeee", "ja bitte"),
        ("SGB III", "sgb iii"),
        ("İstanbul ışık", "istanbul isik"),
        ("В1", "b1"),  # a Cyrillic letter
        ("don’t", "don't"),
        ("a\nb\tc", "a b c"),
        ("ｄｅｕｔｓｃｈ", "deutsch"),
        ("", ""),
        # Persian and Dari, Pashto, Sorani: letters of other keyboards, joiners, a blank instead of a joiner
        ("می خواهم", "ميخواهم"),
        ("نمی دانم", "نميدانم"),
        ("کار", "كار"),
        ("ګټه", "گته".replace("ت", "ټ")),
        ("ښځې", "ښځي"),
        ("دەتوانم", "دهتوانم"),
        ("ده‌توانم", "دهتوانم"),
        ("کوردی ڕۆژ ساڵ", "كوردي روژ سال"),
        # Kurmanji and Turkish
        ("ÇAWA BİKIM ŞÎRKET", "cawa bikim sirket"),
        ("IŞIK ığdır", "isik igdir"),
        # Cyrillic with Latin letters inside, and the other way round
        ("пoмoщь", "помощь"),
        ("Jоbсеntеr", "jobcenter"),
        ("объём", "объем"),
        ("п’ять", "п'ять"),
        # Ethiopic letters of one sound, word spaces, numerals
        ("ሐገር ኀገር ሃገር", "ሀገር ሀገር ሀገር"),
        ("ሠራሕ ፀሓይ ዓመት", "ሰራህ ጸሀይ አመት"),
        ("ስራሕ፡ደልየ።", "ስራህ ደልየ."),
        ("፳፭ ፲ ፻፳", "25 10 120"),
        # invisible signs and directions
        ("he\u2066ll\u2069o\u200d", "hello"),
        ("\u202eolleh\u202c", "olleh"),
        ("t\U000e0065est", "test"),
    ],
)
def test_spellings_become_one(typed: str, clean: str) -> None:
    assert normalise(typed) == clean


def test_a_cyrillic_word_with_one_latin_letter_is_cyrillic() -> None:
    assert normalise("прaво") == "право"


def test_words_keep_the_paragraph_sign_and_join_apostrophes() -> None:
    assert words(normalise("Don't: §25 Abs. 2, Mini-Job!")) == ["dont", "§", "25", "abs", "2", "mini", "job"]


@given(st.text(max_size=80))
def test_each_word_that_is_read_has_a_place_in_the_typed_text(text: str) -> None:
    reading = read(text)
    for word in reading.words:
        start, end = reading.typed(word.start, word.end)
        assert 0 <= start < end <= len(text)
        assert reading.clean[word.start : word.end] == word.text


def test_a_number_glued_to_its_unit_is_read_as_two_words() -> None:
    assert [word.text for word in read("seit 5Monaten, §25a, B1").words] == ["seit", "5", "monaten", "§", "25a", "b1"]


def test_a_pashto_word_is_not_joined_like_a_persian_verb() -> None:
    assert words(normalise("مطلب مې دا و")) == words(normalise(normalise("مطلب مې دا و")))
    assert len(words(normalise("مطلب مې دا و"))) == 4
    assert words(normalise("می خواهم")) == words(normalise("می‌خواهم"))
