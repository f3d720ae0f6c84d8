"""Opening hours against an own reckoning of the holidays, over ten years, and around the clock changes."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from office.hours import closes_at, holiday, hours_on, is_open, next_opening
from office.sites import Hours, SpecialDay, sites

BERLIN = ZoneInfo("Europe/Berlin")
METTMANN = sites()["mettmann"]
MORNING = (time(8, 30), time(13, 30))


def easter(year: int) -> date:
    """Gauss's rule as completed by Lichtenberg."""
    century, golden = year // 100, year % 19
    moon = 15 + (3 * century + 3) // 4 - (8 * century + 13) // 25
    sun = 2 - (3 * century + 3) // 4
    full = (19 * golden + moon) % 30
    shift = full // 29 + (full // 28 - full // 29) * (golden // 11)
    border = 21 + full - shift
    sunday = 7 - (year + year // 4 + sun) % 7
    march = border + 7 - (border - sunday) % 7
    return date(year, 3, 1) + timedelta(days=march - 1)


def nrw_holidays(year: int) -> set[date]:
    """§ 2 Feiertagsgesetz NW: eleven days, and the Reformation's 500th anniversary in 2017."""
    movable = {easter(year) + timedelta(days=days) for days in (-2, 1, 39, 50, 60)}
    fixed = {date(year, m, d) for m, d in ((1, 1), (5, 1), (10, 3), (11, 1), (12, 25), (12, 26))}
    return movable | fixed | ({date(2017, 10, 31)} if year == 2017 else set())


def days(first: date, last: date):
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def test_the_oracle_knows_easter():
    assert [easter(y) for y in (2016, 2019, 2024, 2038)] == [
        date(2016, 3, 27), date(2019, 4, 21), date(2024, 3, 31), date(2038, 4, 25),
    ]  # fmt: skip


@pytest.mark.parametrize("year", range(2016, 2028))
def test_mettmann_is_open_on_exactly_the_days_the_oracle_says(year):
    free = nrw_holidays(year)
    for day in days(date(year, 1, 1), date(year, 12, 31)):
        expected = (MORNING,) if day.weekday() in (0, 1, 3, 4) and day not in free else ()
        assert hours_on(METTMANN, day).periods == expected, day
        assert (holiday(day) is not None) == (day in free), day


def test_closed_says_why():
    assert hours_on(METTMANN, date(2024, 7, 3)).reason == "closed_weekday"
    unity = hours_on(METTMANN, date(2024, 10, 3))
    assert (unity.reason, unity.holiday) == ("holiday", "Tag der Deutschen Einheit")
    assert hours_on(METTMANN, date(2024, 3, 8)).reason == "weekly"  # Berlin's holiday is none here
    assert hours_on(METTMANN, date(2024, 5, 30)).holiday == "Fronleichnam"
    assert hours_on(METTMANN, date(2024, 11, 1)).holiday == "Allerheiligen"


def test_appointments_outside_the_hours_are_given_on_open_weekdays_only():
    assert hours_on(METTMANN, date(2024, 7, 1)).by_appointment
    assert not hours_on(METTMANN, date(2024, 7, 3)).by_appointment
    assert not hours_on(METTMANN, date(2024, 10, 3)).by_appointment


@pytest.mark.parametrize(
    ("clock", "is_it"),
    [("08:29", False), ("08:30", True), ("13:29", True), ("13:30", False), ("00:00", False)],
)
def test_the_first_minute_is_open_and_the_last_is_not(clock, is_it):
    now = datetime.fromisoformat(f"2024-07-01T{clock}").replace(tzinfo=BERLIN)
    assert is_open(METTMANN, now) is is_it
    assert (closes_at(METTMANN, now) is not None) is is_it


def test_the_day_is_the_german_one_not_the_caller_s():
    # 23:30 UTC on Tuesday is 1:30 on Wednesday in Germany, when Mettmann stays closed.
    now = datetime(2024, 7, 2, 23, 30, tzinfo=ZoneInfo("UTC"))
    assert next_opening(METTMANN, now) == datetime(2024, 7, 4, 8, 30, tzinfo=BERLIN)
    assert is_open(METTMANN, datetime(2024, 7, 1, 6, 30, tzinfo=ZoneInfo("UTC"))) is True  # 8:30 in summer
    assert is_open(METTMANN, datetime(2024, 1, 8, 6, 30, tzinfo=ZoneInfo("UTC"))) is False  # 7:30 in winter


def test_the_next_opening_skips_night_weekend_and_holidays():
    friday_before_easter_week = datetime(2024, 3, 28, 14, 0, tzinfo=BERLIN)  # Maundy Thursday, closed already
    assert next_opening(METTMANN, friday_before_easter_week) == datetime(2024, 4, 2, 8, 30, tzinfo=BERLIN)
    assert next_opening(METTMANN, datetime(2024, 7, 1, 23, 59, tzinfo=BERLIN)).date() == date(2024, 7, 2)
    assert next_opening(METTMANN, datetime(2024, 7, 2, 0, 0, tzinfo=BERLIN)).date() == date(2024, 7, 2)
    assert next_opening(METTMANN, datetime(2024, 7, 2, 8, 30, tzinfo=BERLIN)).date() == date(2024, 7, 4)


def test_unknown_hours_are_unknown_and_neither_open_nor_closed():
    ahlen = sites()["warendorf"]
    now = datetime(2024, 7, 1, 9, 0, tzinfo=BERLIN)
    assert hours_on(ahlen, now.date()).reason == "unknown"
    assert is_open(ahlen, now) is None
    assert next_opening(ahlen, now) is None
    assert closes_at(ahlen, now) is None


def night_office(special=None) -> object:
    """An office open on Sundays from 1:00 to 4:00 and 22:00 to 23:59, to meet the clock changes."""
    sunday = ((time(1), time(4)), (time(22), time(23, 59)))
    return replace(METTMANN, hours=Hours(((),) * 6 + (sunday,), frozenset(), special or {}))


def test_in_the_hour_that_comes_twice_the_office_is_open_both_times():
    site = night_office()
    for fold in (0, 1):
        assert is_open(site, datetime(2024, 10, 27, 2, 30, fold=fold, tzinfo=BERLIN)) is True
    until = closes_at(site, datetime(2024, 10, 27, 2, 30, fold=1, tzinfo=BERLIN))
    # 2:30 for the second time to 4:00 are one and a half hours, as on the wall.
    assert until.timestamp() - datetime(2024, 10, 27, 2, 30, fold=1, tzinfo=BERLIN).timestamp() == 90 * 60


def test_on_the_day_that_loses_an_hour_one_to_four_lasts_two_hours():
    site = night_office()
    opening = next_opening(site, datetime(2024, 3, 30, 12, 0, tzinfo=BERLIN))
    assert opening == datetime(2024, 3, 31, 1, 0, tzinfo=BERLIN)
    closing = closes_at(site, opening)
    assert closing == datetime(2024, 3, 31, 4, 0, tzinfo=BERLIN)
    assert closing.timestamp() - opening.timestamp() == 2 * 3600


def test_a_special_day_beats_the_holiday_and_the_week():
    special = {
        date(2024, 12, 25): SpecialDay((MORNING,)),
        date(2024, 12, 22): SpecialDay(()),
    }
    site = night_office(special)
    christmas = hours_on(site, date(2024, 12, 25))
    assert (christmas.periods, christmas.reason, christmas.holiday) == (
        (MORNING,), "special", "Erster Weihnachtstag",
    )  # fmt: skip
    assert hours_on(site, date(2024, 12, 22)).periods == ()
    assert hours_on(site, date(2024, 12, 22)).reason == "special"


def office_with(**weekdays) -> object:
    """An office with these periods, weekday by number: `d0` is Monday."""
    weekly = tuple(weekdays.get(f"d{n}", ()) for n in range(7))
    return replace(METTMANN, hours=Hours(weekly, frozenset(weekdays.get("by_appointment", ())), {}))


# Monday 22:00 to Tuesday 2:00, written as a clerk writes it: until midnight, and from midnight on.
OVER_NIGHT = office_with(d0=((time(22), time(0)),), d1=((time(0), time(2)), (time(9), time(12))))


@pytest.mark.parametrize(
    ("moment", "open_", "until"),
    [
        ("2024-07-01T21:59", False, None),
        ("2024-07-01T22:00", True, "2024-07-02T02:00"),
        ("2024-07-01T23:59", True, "2024-07-02T02:00"),
        ("2024-07-02T00:00", True, "2024-07-02T02:00"),
        ("2024-07-02T01:59", True, "2024-07-02T02:00"),
        ("2024-07-02T02:00", False, None),
    ],
)
def test_hours_over_midnight_are_one_opening(moment, open_, until):
    now = datetime.fromisoformat(moment).replace(tzinfo=BERLIN)
    assert is_open(OVER_NIGHT, now) is open_
    assert closes_at(OVER_NIGHT, now) == (datetime.fromisoformat(until).replace(tzinfo=BERLIN) if until else None)


def test_midnight_in_the_middle_of_the_hours_is_no_opening():
    now = datetime(2024, 7, 1, 23, 0, tzinfo=BERLIN)
    assert next_opening(OVER_NIGHT, now) == datetime(2024, 7, 2, 9, 0, tzinfo=BERLIN)


def test_hours_over_midnight_end_there_where_the_next_day_is_a_holiday():
    # Wednesday 2 October 2024; the third is the Day of German Unity.
    site = office_with(d2=((time(22), time(0)),), d3=((time(0), time(2)),))
    assert closes_at(site, datetime(2024, 10, 2, 23, 0, tzinfo=BERLIN)) == datetime(2024, 10, 3, 0, 0, tzinfo=BERLIN)
    assert is_open(site, datetime(2024, 10, 3, 1, 0, tzinfo=BERLIN)) is False
    assert closes_at(site, datetime(2024, 7, 3, 23, 0, tzinfo=BERLIN)) == datetime(2024, 7, 4, 2, 0, tzinfo=BERLIN)


def test_in_the_night_the_clock_goes_back_an_opening_lasts_an_hour_longer():
    site = office_with(d5=((time(22), time(0)),), d6=((time(0), time(4)),))
    start = datetime(2024, 10, 26, 22, 0, tzinfo=BERLIN)
    until = closes_at(site, start)
    assert until.timestamp() - start.timestamp() == 7 * 3600
    start = datetime(2024, 3, 30, 22, 0, tzinfo=BERLIN)
    assert closes_at(site, start).timestamp() - start.timestamp() == 5 * 3600


def test_by_appointment_only_is_not_closed():
    site = office_with(d0=(MORNING,), by_appointment=(0, 2))
    wednesday = hours_on(site, date(2024, 7, 3))
    assert (wednesday.reason, wednesday.periods, wednesday.by_appointment) == ("appointment_only", (), True)
    assert hours_on(site, date(2024, 7, 2)).reason == "closed_weekday"
    # Nobody is there on a holiday, appointment or not.
    assert hours_on(site, date(2024, 5, 1)).reason == "holiday"
    assert is_open(site, datetime(2024, 7, 3, 10, 0, tzinfo=BERLIN)) is False


def test_a_special_day_may_be_by_appointment_only():
    site = replace(METTMANN, hours=replace(METTMANN.hours, special={date(2024, 12, 23): SpecialDay((), True)}))
    day = hours_on(site, date(2024, 12, 23))
    assert (day.reason, day.by_appointment) == ("appointment_only", True)
