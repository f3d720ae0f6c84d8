"""Where, which office, who pays: maps without tracking, towns outside, the person's paper."""

from dataclasses import replace
from urllib.parse import unquote

import pytest

from actions.places_answers import map_link
from office.sites import Coordinates, sites


def test_a_map_is_linked_only_where_the_address_is_known(talk):
    t = talk()
    said = t.say("ask_location", site="mettmann")
    assert said[:3] == ["location.address", "location.map", "location.lines_unknown"]
    link = t.message("location.map")["values"]["link"]
    assert unquote(link) == "https://www.openstreetmap.org/search?query=Ötzbachstr. 1, 40822 Mettmann"
    assert "location.map" not in t.say("ask_location", site="warendorf")


def test_a_house_with_coordinates_is_marked_on_the_map():
    site = replace(sites()["herford"], coordinates=Coordinates(52.1, 8.6))
    assert map_link(site) == "https://www.openstreetmap.org/?mlat=52.1&mlon=8.6#map=17/52.1/8.6"
    assert map_link(sites()["herford"]) is None


@pytest.mark.parametrize(
    ("town", "near"), [("Düsseldorf", "mettmann"), ("دوسلدورف", "mettmann"), ("Bielefeld", "herford")]
)
def test_for_a_town_outside_the_nearest_office_is_offered_and_said_so(talk, town, near):
    t = talk()
    said = t.say("ask_responsible_office", site=town)
    assert said == ["place.not_ours", "place.nearest"]
    values = t.message("place.nearest")["values"]
    assert values["site"] == near and 5 < values["km"] < 60
    assert "straight line" in t.words()
    assert "choice.person" in t.labels()


def test_for_a_town_far_away_the_counties_are_named_and_no_distance(talk):
    t = talk()
    assert t.say("ask_responsible_office", site="Berlin") == ["place.not_ours", "place.counties"]
    assert "Kreis Herford, Kreis Mettmann and Kreis Warendorf" in t.words()


def test_a_word_that_is_no_town_is_asked_again(talk):
    t = talk()
    said = t.say("ask_responsible_office", site="Entenhausen")
    assert said == ["place.not_ours", "place.counties", "responsible.which_town"]
    assert t.say("inform", site="Hilden")[0] == "responsible.site"


def test_the_office_for_a_misspelt_town_is_named_with_the_town_s_right_name(talk):
    t = talk()
    assert t.say("ask_responsible_office") == ["responsible.which_town"]
    assert t.say("inform", site="Drensteinfort") == ["responsible.site", "access.referral", "ask.residence_status"]
    assert t.message("responsible.site")["values"]["town"] == "Drensteinfurt"
    assert t.site == "warendorf"


@pytest.mark.parametrize(
    ("town", "status", "said"),
    [
        ("Hilden", "aufenthaltsgestattung", ["responsible.money.sozialamt", "responsible.work.agentur", "finding.basis"]),
        ("Hilden", "ae_25_2_refugee",
         ["responsible.money.jobcenter", "responsible.money_here", "responsible.work.jobcenter", "finding.basis"]),
        ("Bünde", "ae_25_2_refugee",
         ["responsible.money.jobcenter", "responsible.money_in_town", "responsible.work.jobcenter", "finding.basis"]),
        ("Oelde", "ae_25_2_refugee", ["responsible.money.jobcenter", "responsible.work.jobcenter", "finding.basis"]),
        ("Oelde", "unknown", ["responsible.not_clear"]),
    ],
)  # fmt: skip
def test_who_pays_depends_on_the_paper_and_the_town(talk, town, status, said):
    t = talk()
    t.say("ask_responsible_office", site=town)
    assert t.say("inform", residence_status=status) == said
    assert t.slots["awaiting"] is None


def test_a_paper_told_before_is_not_asked_for_again(talk):
    t = talk()
    t.say("inform", residence_status="duldung")
    said = t.say("ask_responsible_office", site="Velbert")
    assert said[0] == "responsible.site" and "responsible.money.sozialamt" in said


def test_in_a_centre_of_the_land_the_bezirksregierung_pays(talk):
    t = talk()
    t.say(
        "ask_responsible_office", site="Velbert", in_reception_centre="true", residence_status="aufenthaltsgestattung"
    )
    assert "responsible.money.bezirksregierung" in [message["response"] for message in t.said]


def test_no_more_than_two_questions_about_the_person_are_asked(talk):
    t = talk()
    t.say("ask_responsible_office", site="Velbert")
    asked = 0
    while t.slots["awaiting"] and asked < 9:
        asked += 1
        t.say("inform", **{"residence_status": "eu_citizen"} if asked == 1 else {t.slots["awaiting"]: "false"})
    assert asked <= 2


def test_i_do_not_know_my_paper_is_an_answer(talk):
    t = talk()
    t.say("ask_responsible_office", site="Velbert")
    assert t.say("dont_know") == ["responsible.not_clear"]
    assert "choice.person" in t.labels()


def test_why_is_answered_and_the_question_comes_again(talk):
    t = talk()
    t.say("ask_responsible_office", site="Velbert")
    assert t.say("ask_why") == ["why.residence_status", "ask.residence_status"]
    assert "responsible.money.sozialamt" in t.say("inform", residence_status="duldung")


def test_an_answer_that_is_none_is_asked_again(talk):
    t = talk()
    t.say("ask_responsible_office", site="Velbert")
    assert t.say("inform", country="SY") == ["interview.not_an_answer", "ask.residence_status"]


@pytest.mark.parametrize("intent", ["ask_location", "request_human"])
def test_not_knowing_the_office_is_no_town_of_that_name(talk, intent):
    t = talk(site=None)
    t.say(intent, topic="work")
    assert t.said[-1]["response"] == "ask.site"
    assert t.say("dont_know", "I don't know") == ["ask.site"]
