"""Looking for a course: place and level asked, wishes changed, nothing found, examples marked."""

from datetime import date

import pytest

from office.course_files import AUDIENCES, KINDS, LEVELS, SENTENCES, TIMES
from office.courses import DROPPED, import_courses, load_examples
from tests.office.test_courses import ROW, row, table


@pytest.fixture
def listed(store):
    with store.begin() as work:
        import_courses(
            work,
            table(
                ROW,
                row(number="night", **{"from": "18:00", "to": "21:00"}, childcare="no", start="2024-09-01"),
                row(number="K3", start="2024-09-03"),
                row(number="K4", start="2024-09-04", places="", childcare=""),
                row(number="full", places="0", start="2024-08-01"),
                row(number="a1", level="A1", town="Ratingen", start="2024-10-07"),
                row(number="bünde", town="Bünde", level="C1"),
            ),
        )
        work.commit()
    return store


def courses(t):
    return [said["values"] for said in t.said if said["response"].startswith("course.item")]


def starts(t):
    return [values["day"] for values in courses(t)]


def test_place_and_level_are_asked_and_three_courses_are_shown(talk, listed):
    t = talk()
    assert t.say("find_language_course") == ["ask.course_place"]
    assert t.press("choice.site", site="mettmann") == ["ask.course_level"]
    said = t.press("choice.course_word", word="B1")
    assert said == ["course.found_county", "course.item", "course.item", "course.item", "course.enrol"]
    assert t.message("course.found_county")["values"]["n"] == 5
    assert starts(t) == ["2024-09-01", "2024-09-02", "2024-09-03"]
    assert t.site == "mettmann"


def test_the_whole_wish_in_one_message_needs_no_question(talk, listed):
    t = talk(language="ar")
    said = t.say("find_language_course", site="Hilden", language_level="B1", childcare="true", time_of_day="morning")
    assert said[0] == "course.found_near"
    assert t.message("course.found_near")["values"]["wishes"] == ["B1", "morning", "childcare"]
    assert "2024-09-01" not in starts(t)
    assert "Hilden" in t.words("ar")


def test_a_course_is_shown_with_all_that_is_known_and_what_is_not(talk, listed):
    t = talk()
    t.say("find_language_course", site="Hilden", language_level="B1")
    t.press("choice.more_courses")
    words = t.words()
    assert "Begins: Wednesday, 4 September 2024. Ends: 28 February" in words
    assert "Days: Monday, Tuesday and Wednesday. Time: 08:30–12:00" in words
    assert "Places: not known. Child care: not known" in words and "Enrol: not known" in words
    assert "Places: none free, ask for the waiting list" in words
    assert "(As of Friday, 28 June 2024)" in words


def test_the_next_courses_are_shown_and_then_there_are_no_more(talk, listed):
    t = talk()
    t.say("find_language_course", site="Hilden", language_level="B1")
    assert t.press("choice.more_courses") == ["course.item", "course.item", "course.enrol"]
    assert starts(t) == ["2024-09-04", "2024-08-01"]  # the full one last
    assert "choice.more_courses" not in t.labels()


def test_a_wish_is_added_changed_and_dropped_without_beginning_again(talk, listed):
    t = talk()
    t.say("find_language_course", site="Hilden", language_level="B1")
    t.press("choice.with_childcare")
    assert starts(t) == ["2024-09-02", "2024-09-03", "2024-08-01"]
    assert t.press("choice.other_time") == ["ask.course_time"]
    assert t.press("choice.course_word", word="evening") == ["course.none_near", "course.instead", "course.give_up_one"]
    assert t.press("choice.without", wish="time_of_day")[0] == "course.found_near"
    t.press("choice.other_level")
    assert t.press("choice.no_matter")[0] == "course.found_near"
    assert t.press("choice.other_place") == ["ask.course_place"]
    assert t.say("inform", site="Ratingen")[0] == "course.found_near"


def test_free_words_change_a_wish(talk, listed):
    t = talk()
    t.say("find_language_course", site="Hilden", language_level="B1")
    t.say("find_language_course", time_of_day="evening")
    assert starts(t) == ["2024-09-01"]
    t.say("find_language_course", language_level=["A2", "C1"], site="Bünde", time_of_day="unknown")
    assert [values["level"] for values in courses(t)] == ["C1"]


@pytest.mark.parametrize("intent", ["inform", "nlu_fallback", "ask_childcare"])
def test_a_few_words_after_the_courses_are_one_more_wish(talk, listed, intent):
    t = talk()
    t.say("find_language_course", site="Hilden", language_level="B1")
    assert t.say(intent, "mit Kinderbetreuung", childcare="true")[0] == "course.found_near"
    assert t.message("course.found_near")["values"]["wishes"] == ["B1", "childcare"]


def test_a_question_about_kindergarten_stays_one(talk, listed):
    t = talk()
    t.say("find_language_course", site="Hilden", language_level="B1")
    assert t.say("ask_childcare", "Wie bekomme ich einen Platz in der Kita?", childcare="true") == [
        "referral.childcare"
    ]
    # and without courses before it, it is nothing else
    assert talk().say("ask_childcare", "Kinderbetreuung", childcare="true") == ["referral.childcare"]


def test_a_town_in_a_question_about_something_else_is_no_wish(talk, listed):
    t = talk()
    t.say("find_language_course", site="Hilden", language_level="B1")
    assert t.say("nlu_fallback", "Wer zahlt in Bünde für mich?", site="Bünde") == ["fallback.not_understood"]
    t.say("find_language_course", site="Hilden")
    t.say("ask_opening_hours", site="mettmann")
    assert not courses_said(t.say("inform", "am Mittwoch", day="wednesday"))


def courses_said(names):
    return [name for name in names if name.startswith("course.")]


@pytest.mark.parametrize("wish", [{"language_level": "B1"}, {"language_level": "B1", "time_of_day": "weekend"}])
def test_all_buttons_stand_on_the_last_message_where_pages_show_them(talk, listed, wish):
    t = talk()
    t.say("find_language_course", site="Hilden", **wish)
    assert [bool(said.get("choices")) for said in t.said] == [False] * (len(t.said) - 1) + [True]


def test_the_straight_line_is_told_for_a_course_in_another_town(talk, listed):
    t = talk()
    t.say("find_language_course", site="Hilden", language_level="A1")
    assert [said["response"] for said in t.said][1] == "course.item_away"
    assert "km away in a straight line" in t.words()


def test_a_month_keeps_to_its_courses(talk, listed):
    t = talk()
    t.say("find_language_course", site="Hilden", language_level="B1", month="2024-08")
    assert starts(t) == ["2024-08-01"]
    t.say("find_language_course", day="2024-09-03")
    assert starts(t) == ["2024-09-03", "2024-09-04"]


def test_nothing_found_says_what_to_do_instead(talk, listed):
    t = talk()
    said = t.say("find_language_course", site="Bünde", language_level="B2")
    assert said == ["course.none_near", "course.instead", "course.give_up_one"]
    assert {"choice.person", "choice.new_search", "choice.may_i_join"} <= set(t.labels())
    t.press("choice.new_search")
    assert t.slots["awaiting"] == "site"


def test_where_there_is_no_list_at_all_the_bamf_and_a_person_are_named(talk):
    t = talk()
    assert t.say("find_language_course", site="Hilden", language_level="B1") == ["referral.find_language_course"]
    assert "choice.person" in t.labels()


def test_a_town_outside_is_searched_around(talk, listed):
    t = talk()
    assert t.say("find_language_course", site="Düsseldorf", language_level="B1")[0] == "course.found_near"
    assert courses(t)[0]["km"] > 5


def test_an_unknown_town_is_asked_again_with_the_word_that_was_not_known(talk, listed):
    t = talk()
    assert t.say("find_language_course", site="Entenhausen") == ["course.town_unknown", "ask.course_place"]
    assert t.press("choice.anywhere") == ["ask.course_level"]
    assert t.press("choice.no_matter")[0] == "course.found_anywhere"


def test_an_answer_that_is_none_is_asked_again(talk, listed):
    t = talk(site="mettmann")
    assert t.say("find_language_course") == ["ask.course_level"]
    assert t.say("inform", country="SY") == ["course.not_an_answer", "ask.course_level"]
    assert t.say("dont_know")[0] == "course.found_county"


def test_why_is_explained_and_the_question_repeated(talk, listed):
    t = talk(site="mettmann")
    t.say("find_language_course")
    assert t.say("ask_why") == ["why.language_level", "ask.course_level"]
    t.press("choice.course_word", word="B1")
    t.press("choice.other_time")
    assert t.say("ask_why") == ["why.time_of_day", "ask.course_time"]


def test_the_search_can_be_left_and_a_later_one_begins_anew(talk, listed):
    t = talk()
    t.say("find_language_course", site="Hilden", language_level="B1", childcare="true")
    t.press("choice.other_time")
    assert t.press("choice.stop") == ["conversation.stopped"]
    assert t.say("find_language_course", site="Hilden") == ["ask.course_level"]


def test_another_question_in_between_does_not_lose_the_search(talk, listed):
    t = talk()
    t.say("find_language_course", site="Hilden")
    t.say("ask_opening_hours", site="mettmann")
    assert "choice.continue" in t.labels()
    assert t.press("choice.continue") == ["ask.course_level"]
    assert t.press("choice.course_word", word="B1")[0] == "course.found_near"


def test_the_level_looked_for_is_not_taken_for_the_person_s_own(talk, listed):
    t = talk()
    t.say("find_language_course", site="Hilden", language_level="B1")
    assert "german_level" not in t.facts


def test_examples_are_marked_wherever_they_are_shown(talk, store):
    with store.begin() as work:
        load_examples(work, date(2024, 7, 1))
        work.commit()
    t = talk()
    t.say("find_language_course", site="any", language_level="B1")
    assert len(courses(t)) == 3
    for language, mark in (("en", "EXAMPLE"), ("de", "BEISPIEL"), ("ar", "مثال فقط")):
        assert t.words(language).count(mark) == 3


def test_whether_one_may_join_is_one_button_away(talk, listed):
    t = talk()
    t.say("find_language_course", site="Hilden", language_level="B1")
    assert t.press("choice.may_i_join") == ["ask.residence_status"]


def test_every_code_of_a_course_has_words(replies):
    for prefix, codes in (
        ("course_word", (*LEVELS, *KINDS, *TIMES, *AUDIENCES)),
        ("course_drop", tuple(DROPPED)),
        ("course_fault", tuple(SENTENCES)),
    ):
        assert [code for code in codes if not replies.has(f"{prefix}.{code}")] == []
