"""Opening hours: site and day said, asked or missing; holidays, closed days, unknown hours, no such day."""

from dataclasses import replace
from datetime import date

import pytest

from actions.opening_hours import day_meant
from office.sites import sites


def test_mettmann_is_closed_on_wednesday_and_opens_next_on_thursday(talk):
    t = talk(language="ar")
    t.say("ask_opening_hours", site="Mettmann", day="wednesday")
    assert t.message("opening_hours.closed_on_day")["values"]["day"] == "2024-07-03"
    assert t.message("opening_hours.next_opening")["values"] == {
        "day": "2024-07-04",
        "day_de": "2024-07-04",
        "time": "08:30",
    }


def test_the_german_day_stands_in_brackets_beside_the_other_language(talk):
    t = talk(language="en")
    t.say("ask_opening_hours", site="mettmann", day="wednesday")
    assert "Thursday, 4 July 2024 (Donnerstag, 4. Juli 2024) at 08:30" in t.words()


def test_a_site_that_was_not_named_is_asked_and_the_day_is_not_forgotten(talk):
    t = talk()
    assert t.say("ask_opening_hours", day="wednesday") == ["ask.site"]
    assert "opening_hours.closed_on_day" in t.press("choice.site", site="mettmann")
    assert t.site == "mettmann"


def test_the_conversation_s_site_is_used_without_asking(talk):
    t = talk(site="mettmann")
    assert t.say("ask_opening_hours")[0] == "opening_hours.week_with_closed"
    assert t.message("opening_hours.week_with_closed")["values"]["closed"] == ["wednesday"]


def test_data_of_2016_carry_their_date(talk):
    t = talk(site="mettmann")
    t.say("ask_opening_hours")
    assert t.message("place.as_of")["values"] == {"as_of": "2016-02-29"}


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2024-07-01T10:00", "opening_hours.open_now"),
        ("2024-07-01T08:29", "opening_hours.closed_now"),
        ("2024-07-01T13:30", "opening_hours.closed_now"),
    ],
)
def test_today_says_open_or_closed_at_this_hour(talk, now, expected):
    t = talk(now, site="mettmann")
    assert t.say("ask_opening_hours", day="today")[0] == expected


def test_after_closing_the_next_opening_is_tomorrow(talk):
    t = talk("2024-07-01T15:00", site="mettmann")
    t.say("ask_opening_hours", day="today")
    assert t.message("opening_hours.next_opening")["values"]["day"] == "2024-07-02"


def test_a_holiday_is_named(talk):
    t = talk(site="mettmann")
    t.say("ask_opening_hours", day="2024-10-03")
    assert t.message("opening_hours.closed_holiday")["values"]["holiday"] == "Tag der Deutschen Einheit"
    assert t.message("opening_hours.next_opening")["values"]["day"] == "2024-10-04"


def test_31_february_gets_a_kind_reply_and_the_usual_hours(talk):
    t = talk(site="mettmann")
    said = t.say("ask_opening_hours", bad_date="31. Februar")
    assert said[:2] == ["opening_hours.no_such_day", "opening_hours.week_with_closed"]


def test_a_day_in_the_past_gets_a_kind_reply_and_the_usual_hours(talk):
    t = talk(site="mettmann")
    said = t.say("ask_opening_hours", day="2024-06-25")
    assert said[:2] == ["opening_hours.past_day", "opening_hours.week_with_closed"]


@pytest.mark.parametrize(("site", "access"), [("Ahlen", "referral"), ("Bünde", "voluntary_or_compulsory")])
def test_unknown_hours_are_said_to_be_unknown_and_a_person_is_offered(talk, site, access):
    t = talk()
    assert t.say("ask_opening_hours", site=site, day="monday") == [
        "opening_hours.unknown",
        f"access.{access}",
    ]
    assert "choice.person" in t.labels()


def test_a_town_of_nobody_leads_to_the_question_which_site(talk):
    t = talk()
    assert t.say("ask_opening_hours", site="Hamburg") == ["place.not_ours", "place.counties", "ask.site"]


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("monday", date(2024, 7, 1)),  # today is a Monday: today counts
        ("sunday", date(2024, 7, 7)),
        ("tomorrow", date(2024, 7, 2)),
        ("yesterday", date(2024, 6, 30)),
        ("2024-02-29", date(2024, 2, 29)),
        ("someday", None),
        (None, None),
    ],
)
def test_words_for_days(said, day):
    assert day_meant(said, date(2024, 7, 1)) == day


def test_address_mailboxes_and_the_unknown_telephone_are_said(talk):
    t = talk()
    assert t.say("ask_location", site="Ratingen")[0] == "location.address"
    assert "Ötzbachstr. 1, 40822 Mettmann" in t.words()
    assert t.say("ask_contact") == ["contact.email", "contact.phone_unknown", "place.as_of"]
    assert t.say("ask_contact", site="Herford")[:2] == ["contact.email_unknown", "contact.phone_unknown"]


@pytest.fixture
def wednesdays_by_appointment(monkeypatch):
    """Mettmann as it would be with Wednesdays by appointment only."""
    site = sites()["mettmann"]
    changed = replace(site, hours=replace(site.hours, by_appointment=frozenset({2})))
    monkeypatch.setattr("actions.places.sites", lambda: {**sites(), "mettmann": changed})


def test_by_appointment_only_is_not_said_to_be_closed(talk, wednesdays_by_appointment):
    t = talk(site="mettmann")
    said = t.say("ask_opening_hours", day="wednesday")
    assert said[:2] == ["opening_hours.only_by_appointment_on_day", "opening_hours.next_opening"]
    assert "not closed" in t.words() and "nicht geschlossen" in t.words("de")
    said = t.say("ask_opening_hours")
    assert said[:2] == ["opening_hours.week", "opening_hours.only_by_appointment"]
    assert t.message("opening_hours.only_by_appointment")["values"]["days"] == ["wednesday"]
    assert "opening_hours.by_appointment" not in said


@pytest.mark.parametrize(
    ("intent", "text", "day", "date_"),
    [
        ("nlu_fallback", "and on Thursday?", "thursday", "2024-07-04"),
        ("nlu_fallback", "طيب بكرا؟", "tomorrow", "2024-07-02"),
        ("inform", "دوشنبه چطور؟", "monday", "2024-07-01"),
        ("affirm", "ok and friday", "friday", "2024-07-05"),
    ],
)
def test_a_day_named_after_opening_hours_is_asked_about(talk, intent, text, day, date_):
    t = talk()
    t.say("ask_opening_hours", site="Mettmann")
    assert t.say(intent, text, day=day)[0].startswith("opening_hours.")
    assert t.said[0]["values"]["day"] == date_
    t.say("nlu_fallback", "and Wednesday?", day="wednesday")
    assert t.message("opening_hours.closed_on_day")["values"]["day"] == "2024-07-03"


def test_a_day_named_later_on_or_with_something_else_is_no_question_about_hours(talk):
    t = talk()
    t.say("ask_opening_hours", site="Mettmann")
    assert t.say("book_appointment", "appointment on Thursday", day="thursday") == ["ask.topic"]
    t.say("stop")
    assert t.say("nlu_fallback", "and on Thursday?", day="thursday") == ["fallback.not_understood"]


def test_a_date_that_was_asked_before_the_opening_hours_is_still_its_answer(talk):
    t = talk(site="mettmann")
    t.say("ask_work_permission", residence_status="duldung", country="NG")
    before = t.slots["awaiting"]
    t.say("ask_opening_hours")
    said = t.say("inform", "12.3.2024", day="2024-03-12")
    assert before is not None and not any(name.startswith("opening_hours.") for name in said)


def test_a_day_told_after_the_opening_hours_goes_into_the_booking_that_was_laid_aside(talk):
    t = talk()
    t.say("book_appointment", topic="work", site="Mettmann")
    t.say("ask_opening_hours", "wann offen")
    assert t.say("inform", "Donnerstag bitte", day="thursday") == ["appointment.offer"]


@pytest.mark.parametrize("day", [{}, {"day": "wednesday"}])
def test_the_hours_offer_an_appointment_and_the_way(talk, day):
    t = talk(site="mettmann")
    t.say("ask_opening_hours", "Wann ist offen?", **day)
    assert {"choice.book", "choice.location"} <= set(t.labels())
