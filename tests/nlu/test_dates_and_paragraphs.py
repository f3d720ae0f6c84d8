"""Calendar days in digits and papers named by their paragraph."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.nlu import dates, paragraphs
from bot.nlu.normalise import normalise

TODAY = date(2024, 3, 13)


def in_digits(text: str, today: date | None = TODAY) -> list[tuple[str, str | None]]:
    return [(found.entity, found.value) for found in dates.in_digits(normalise(text), today)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("10.11.2015", [("day", "2015-11-10")]),
        ("10/11/15", [("day", "2015-11-10")]),
        ("2024-02-29", [("day", "2024-02-29")]),
        ("٣/١٠/٢٠٢٢", [("day", "2022-10-03")]),
        ("03/2022", [("month", "2022-03")]),
        ("2022", [("year", "2022")]),
        ("31.02.2024", [("bad_date", None)]),
        ("29.2.2023", [("bad_date", None)]),
        ("am 3.10.", [("day", "2024-10-03")]),
        ("2000 Euro", []),
        ("§ 25 Abs. 2", []),
        ("12345", []),
        ("08:30", []),
    ],
)
def test_digits_are_read_as_days_months_and_years(text: str, found: list[tuple[str, str | None]]) -> None:
    assert in_digits(text) == found


def test_without_today_a_day_without_a_year_stays_open() -> None:
    assert in_digits("am 3.10.", None) == []


@given(st.dates(date(1940, 1, 1), date(2049, 12, 31)))
def test_every_day_written_in_full_is_read_back(day: date) -> None:
    assert in_digits(f"{day.day}.{day.month}.{day.year}") == [("day", day.isoformat())]


@given(st.dates(date(2000, 1, 1), date(2040, 1, 1)), st.integers(1, 12), st.integers(1, 31), st.booleans())
def test_the_nearest_day_lies_on_the_asked_side_of_today(today: date, month: int, day: int, past: bool) -> None:
    found = dates.nearest(month, day, today, past=past)
    assert (found is not None) == dates.ever(month, day)
    if found:
        assert (found.month, found.day) == (month, day)
        assert found <= today if past else found >= today


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("§ 25 Abs. 5", "ae_25_5"),
        ("25.5", "ae_25_5"),
        ("25 Abs 3", "ae_25_3"),
        ("§25 absatz 1", "ae_25_1"),
        ("paragraph 24", "ae_24"),
        ("25a", "ae_25a"),
        ("104c", "ae_104c"),
        ("§ 16g", "ae_16g"),
        ("§ 60c", "ausbildungsduldung"),
        ("25.2 subsidiär", "ae_25_2_subsidiary"),
        ("§ 25 Abs. 2 als Flüchtling", "ae_25_2_refugee"),
        ("25.2", "aufenthaltserlaubnis"),
    ],
)
def test_a_paragraph_names_a_paper(text: str, status: str) -> None:
    assert [hit.status for hit in paragraphs.find(normalise(text))] == [status]


@pytest.mark.parametrize("text", ["am 25.2.", "25.2.2024", "25 Euro", "um 25.1 Uhr", "24 Jahre", "Bus 60"])
def test_a_plain_number_names_no_paper(text: str) -> None:
    assert paragraphs.find(normalise(text)) == []


def test_other_languages_say_the_sign_in_their_own_words() -> None:
    finder = paragraphs.Finder(["الفقرة", "параграф*"], ["часть", "ч"], ["с"])
    assert [hit.status for hit in finder.find(normalise("الفقرة ٢٤"))] == ["ae_24"]
    assert [hit.status for hit in finder.find(normalise("по параграфу 25 часть 5"))] == ["ae_25_5"]
    assert [hit.status for hit in finder.find(normalise("25 ч. 3"))] == ["ae_25_3"]
    assert finder.find(normalise("с 25.3")) == []


@pytest.mark.parametrize(
    ("solar", "day"),
    [
        ((1403, 1, 1), "2024-03-20"),
        ((1402, 7, 15), "2023-10-07"),
        ((1402, 12, 29), "2024-03-19"),
        ((1399, 12, 30), "2021-03-20"),
        ((1394, 1, 1), "2015-03-21"),
        ((1400, 6, 31), "2021-09-22"),
    ],
)
def test_solar_dates_become_ours(solar: tuple[int, int, int], day: str) -> None:
    assert dates.from_solar(*solar) == date.fromisoformat(day)


@pytest.mark.parametrize("solar", [(1402, 12, 30), (1402, 13, 1), (1402, 7, 31), (0, 1, 1), (1402, 0, 3)])
def test_impossible_solar_dates_are_none(solar: tuple[int, int, int]) -> None:
    assert dates.from_solar(*solar) is None


def test_solar_dates_in_digits() -> None:
    assert in_digits("۱۴۰۲/۰۷/۱۵") == [("day", "2023-10-07")]
    assert in_digits("15.7.1402") == [("day", "2023-10-07")]
    assert in_digits("1402/12/30") == [("bad_date", None)]


@pytest.mark.parametrize(
    "text",
    [
        "Darf ich nach § 32 BeschV arbeiten?",
        "رفضوا طلبي حسب § 30 AsylG",
        "§ 29 Abs. 1 Nr. 2 AsylG unzulässig",
        "§ 34 AsylG Abschiebungsandrohung",
        "§ 31 SGB II Sanktion",
    ],
)
def test_a_paragraph_of_another_law_is_no_paper(text: str) -> None:
    assert paragraphs.find(normalise(text)) == []


def test_papers_of_the_asylum_act_and_family_titles_stay() -> None:
    assert [hit.status for hit in paragraphs.find(normalise("§ 55 AsylG"))] == ["aufenthaltsgestattung"]
    assert [hit.status for hit in paragraphs.find(normalise("§ 28 AufenthG"))] == ["ae_family"]
