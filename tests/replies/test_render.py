"""Response names and values become sentences in the reader's language."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.replies import RenderProblem, Replies
from bot.replies.bidi import FSI, PDI, isolate_latin, value, without_controls
from bot.replies.catalogues import po_path
from bot.replies.kinds import WEEKDAYS, formatter, kind_problem

from .conftest import SITES, older

OPENS = {"site": "mettmann", "day": "2024-07-03", "time": "08:30"}


def test_the_same_values_are_said_in_each_language(replies: Replies) -> None:
    assert replies.render("demo.opens", OPENS, "en") == (
        "Mettmann opens on Wednesday, 3 July 2024 (Mittwoch, 3. Juli 2024) at 08:30."
    )
    assert replies.render("demo.opens", OPENS, "de") == "Mettmann öffnet am Mittwoch, 3. Juli 2024 um 08:30 Uhr."
    german = f"{FSI}Mittwoch, 3. Juli 2024{PDI}"
    assert replies.render("demo.opens", OPENS, "ar") == (
        f"يفتح {FSI}Mettmann{PDI} يوم الأربعاء، 3 تموز 2024 ({german}) الساعة {FSI}08:30{PDI}."
    )


@pytest.mark.parametrize(
    ("n", "words"),
    [
        (0, "لا يوجد مكان شاغر."),
        (1, "مكان واحد شاغر."),
        (2, "مكانان شاغران."),
        (3, "3 أماكن شاغرة."),
        (10, "10 أماكن شاغرة."),
        (11, "11 مكانًا شاغرًا."),
        (99, "99 مكانًا شاغرًا."),
        (100, "100 مكان شاغر."),
        (102, "102 مكان شاغر."),
        (103, "103 أماكن شاغرة."),
        (111, "111 مكانًا شاغرًا."),
    ],
)
def test_arabic_counts_in_six_forms(replies: Replies, n: int, words: str) -> None:
    assert replies.render("demo.free", {"n": n}, "ar") == words


def test_german_and_english_count_in_two_forms(replies: Replies) -> None:
    said = [replies.render("demo.free", {"n": n}, code) for code in ("de", "en") for n in (0, 1, 2)]
    assert said == [
        "0 Plätze sind frei.", "1 Platz ist frei.", "2 Plätze sind frei.",
        "0 places are free.", "1 place is free.", "2 places are free.",
    ]  # fmt: skip


def test_easier_words_are_used_where_there_are_some(replies: Replies) -> None:
    cite = {"cite": "§ 32 BeschV"}
    assert replies.render("demo.law", cite, "de", simple=True) == "Siehe § 32 BeschV."
    assert replies.render("demo.law", cite, "en", simple=True) == "See § 32 BeschV."
    assert replies.render("demo.free", {"n": 1}, "de", simple=True) == "1 Platz ist frei."


def test_several_citations_are_listed_and_isolated(replies: Replies) -> None:
    cites = ["§ 60a Abs. 5b AufenthG", "§ 32 BeschV"]
    assert replies.render("demo.law", {"cite": cites}, "de") == (
        "Die Regel ist § 60a Abs. 5b AufenthG und § 32 BeschV."
    )
    assert replies.render("demo.law", {"cite": cites}, "ar") == (
        f"القاعدة هي {FSI}§ 60a Abs. 5b AufenthG{PDI} و{FSI}§ 32 BeschV{PDI}."
    )


def test_a_code_is_an_entry_and_can_be_said_in_german_beside(replies: Replies) -> None:
    values = {"paper": "duldung", "paper_german": "duldung"}
    assert replies.render("demo.paper", values, "en") == "Bring your toleration (Duldung) (Duldung)."
    assert f"({FSI}Duldung{PDI})" in replies.render("demo.paper", values, "ar")


SAID: list[tuple[str, Any, str, str]] = [
    ("number", 1234, "de", "1.234"),
    ("number", "5", "ar", "5"),
    ("date", date(2024, 10, 3), "de", "Donnerstag, 3. Oktober 2024"),
    ("date", "2024-10-02T23:30:00+00:00", "de", "Donnerstag, 3. Oktober 2024"),
    ("date_de", "2024-10-03", "ar", "Donnerstag, 3. Oktober 2024"),
    ("day_month", "2024-10-03", "en", "3 October"),
    ("weekday", "monday", "ar", "الاثنين"),
    ("weekday", "2024-10-03", "en", "Thursday"),
    ("weekday_de", "monday", "ar", "Montag"),
    ("time", "08:30:00", "en", "08:30"),
    ("time", "2024-07-01T08:30:00+00:00", "en", "10:30"),
    ("datetime", datetime(2024, 1, 2, 9, 0, tzinfo=UTC), "de", "Dienstag, 2. Januar 2024, 10:00"),
    ("periods", [["08:30", "12:00"], ["13:00", "15:30"]], "de", "08:30–12:00 und 13:00–15:30"),
    ("months", 5, "de", "5 Monate"),
    ("months", "2", "ar", "شهران"),
    ("site", "mettmann", "en", "Mettmann"),
    ("address", "mettmann", "en", "Ötzbachstr. 1, 40822 Mettmann"),
    ("cite", "§ 32 BeschV", "en", "§ 32 BeschV"),
    ("list:weekday", ["monday", "tuesday", "friday"], "en", "Monday, Tuesday and Friday"),
    ("list:language", ["ar", "de"], "de", "Arabisch und Deutsch"),
    ("bullets:code:paper", ["duldung", "duldung"], "de", "• Duldung\n• Duldung"),
    ("language", "tr", "de", "Türkisch"),
    ("language", "ku", "de", "Kurmancî"),
    ("language", "pl", "en", "Polish"),
    ("country", "SY", "de", "Syrien"),
    ("holiday", "Fronleichnam", "en", "Fronleichnam"),
    ("text", "a\u202eb\u2068c", "en", "abc"),
    ("maybe:number", 5, "de", "5"),
    ("maybe:date", "2024-10-03", "de", "Donnerstag, 3. Oktober 2024"),
    ("page", "/print/papers?papers=a", "ar", "/print/papers?papers=a&lang=ar"),
    ("page", "/print/papers", "de", "/print/papers?lang=de"),
]


@pytest.mark.parametrize(("kind", "given_value", "language", "words"), SAID, ids=lambda v: str(v)[:20])
def test_a_value_is_said(replies: Replies, kind: str, given_value: Any, language: str, words: str) -> None:
    assert formatter(kind)(given_value, language, replies) == words


WEEKS = {
    "ar": "الاثنين الثلاثاء الأربعاء الخميس الجمعة السبت الأحد",
    "ckb": "دووشەممە سێشەممە چوارشەممە پێنجشەممە ھەینی شەممە یەکشەممە",
    "de": "Montag Dienstag Mittwoch Donnerstag Freitag Samstag Sonntag",
    "en": "Monday Tuesday Wednesday Thursday Friday Saturday Sunday",
    "fa": "دوشنبه سه\u200cشنبه چهارشنبه پنجشنبه جمعه شنبه یکشنبه",
    "fr": "lundi mardi mercredi jeudi vendredi samedi dimanche",
    "ku": "duşem sêşem çarşem pêncşem înî şemî yekşem",
    "ps": "دونۍ درېنۍ څلرنۍ پينځنۍ جمعه اونۍ يونۍ",
    "ru": "понедельник вторник среда четверг пятница суббота воскресенье",
    "ti": "ሰኑይ ሰሉስ ረቡዕ ሓሙስ ዓርቢ ቀዳም ሰንበት",
    "tr": "Pazartesi Salı Çarşamba Perşembe Cuma Cumartesi Pazar",
    "uk": "понеділок вівторок середа четвер пʼятниця субота неділя",
}


@pytest.mark.parametrize("first", ["ps", "uk"])
def test_every_language_has_its_own_weekdays_whichever_was_asked_first(replies: Replies, first: str) -> None:
    assert set(WEEKS) == set(replies.languages.all)
    say = formatter("weekday")
    say("monday", first, replies)
    assert {code: " ".join(say(day, code, replies) for day in WEEKDAYS) for code in WEEKS} == WEEKS


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("ar", "الاثنين والثلاثاء والجمعة"),
        ("ckb", "دووشەممە، سێشەممە و ھەینی"),
        ("fa", "دوشنبه،\u200f سه\u200cشنبه، و جمعه"),
        ("ps", "دونۍ، درېنۍ، او جمعه"),
        ("ti", "ሰኑይ፣ ሰሉስን ዓርቢን"),
    ],
)
def test_a_list_has_the_comma_of_its_script(replies: Replies, language: str, words: str) -> None:
    said = formatter("list:weekday")(["monday", "tuesday", "friday"], language, replies)
    assert said == words and "," not in said
    assert formatter("list:weekday")(["monday"], language, replies) == WEEKS[language].split()[0]
    assert formatter("list:weekday")([], language, replies) == ""


@pytest.mark.parametrize("kind", ["colour", "list", "code", "code:", "list:colour", "maybe", "date:x", 5, None])
def test_an_unknown_kind_is_named(kind: Any) -> None:
    assert kind_problem(kind)


@pytest.mark.parametrize(
    ("response", "values"),
    [
        ("demo.nothing", {}),
        ("demo.opens", {"site": "mettmann"}),
        ("demo.opens", {**OPENS, "day": "2024-02-31"}),
        ("demo.opens", {**OPENS, "day": None}),
        ("demo.opens", {**OPENS, "site": "berlin"}),
        ("demo.free", {"n": "many"}),
        ("demo.law", {"cite": 5}),
        ("demo.paper", {"paper": "passport", "paper_german": "duldung"}),
    ],
)
def test_what_cannot_be_said_gives_no_words_and_is_logged_without_values(
    folder: Path, response: str, values: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    kind = Replies(folder, sites=SITES)
    assert kind.render(response, values, "de") == "Keine Worte."
    assert response in caplog.text and "2024-02-31" not in caplog.text and "berlin" not in caplog.text
    with pytest.raises(RenderProblem):
        Replies(folder, strict=True, sites=SITES).render(response, values, "de")


def test_a_language_that_is_not_offered_is_answered_in_english(replies: Replies) -> None:
    assert replies.render("demo.free", {"n": 1}, "ti") == "1 place is free."


def test_a_sentence_that_is_not_translated_is_wholly_english(empty: Path) -> None:
    from bot.replies.messages import update

    update(empty)
    said = Replies(empty, strict=True, sites=SITES).render("demo.opens", OPENS, "ar")
    assert said.startswith("Mettmann opens on Wednesday") and FSI not in said


@pytest.mark.parametrize("state", ["missing", "older"])
def test_a_catalogue_that_was_not_compiled_works_and_says_what_to_do(
    folder: Path, state: str, caplog: pytest.LogCaptureFixture
) -> None:
    mo = po_path("de", folder).with_suffix(".mo")
    if state == "missing":
        mo.unlink()
    else:
        older(mo, than=po_path("de", folder))
    said = Replies(folder, strict=True, sites=SITES).render("demo.free", {"n": 1}, "de")
    assert said == "1 Platz ist frei."
    assert "python -m bot.replies.compile" in caplog.text and state in caplog.text


@pytest.mark.parametrize(
    ("text", "wrapped"),
    [
        ("البطاقة (Duldung).", f"البطاقة ({FSI}Duldung{PDI})."),
        ("حسب § 61 Abs. 2 AsylG، فقط", f"حسب {FSI}§ 61 Abs. 2 AsylG{PDI}، فقط"),
        ("اكتب إلى info@example.org.", f"اكتب إلى {FSI}info@example.org{PDI}."),
        ("اتصل 110 الآن", "اتصل 110 الآن"),
        # without an isolate a reader sees '016 116'
        ("116 016 – مساعدة", f"{FSI}116 016{PDI} – مساعدة"),
        ("الهاتف: +49 2104 99-0.", f"الهاتف: {FSI}+49 2104 99-0{PDI}."),
        (f"جاهز {FSI}A{PDI} B", f"جاهز {FSI}A{PDI} B"),
        ("كلمات فقط", "كلمات فقط"),
    ],
)
def test_latin_words_and_grouped_numbers_in_arabic_are_isolated(text: str, wrapped: str) -> None:
    assert isolate_latin(text) == wrapped


def test_arabic_in_a_german_sentence_is_isolated() -> None:
    assert value("دولدونغ", rtl=False) == f"{FSI}دولدونغ{PDI}"
    assert value("Duldung", rtl=False) == "Duldung"


@given(st.text(max_size=60), st.booleans())
def test_isolates_are_balanced_on_every_line_and_nothing_else_changes(text: str, rtl: bool) -> None:
    clean = without_controls(text)
    shown = value(clean, rtl)
    assert shown.replace(FSI, "").replace(PDI, "") == clean
    for line in shown.split("\n"):
        depth = 0
        for char in line:
            depth += (char == FSI) - (char == PDI)
            assert depth >= 0
        assert depth == 0


def test_a_sentence_costs_less_than_a_third_of_a_millisecond(replies: Replies) -> None:
    replies.render("demo.opens", OPENS, "ar")
    began = time.perf_counter()
    for _ in range(500):
        replies.render("demo.opens", OPENS, "ar")
    assert (time.perf_counter() - began) / 500 < 0.0003
