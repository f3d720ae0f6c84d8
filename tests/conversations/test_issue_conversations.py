"""Whole conversations with the trained model, through `POST /api/chat`, on a given day."""

from __future__ import annotations

import json
import urllib.request
from pathlib import Path

import pytest
import yaml

from bot.replies.languages import load_languages

JULY_2024 = "2024-07-01T10:00"  # a Monday
SEED_DAY = "2016-02-29T10:00"

# What the person of conversations a, b and d says to each question that can still matter.
KITCHEN_HELP = {
    "permit_note": "unknown",
    "in_reception_centre": "false",
    "nationality": "SY",
    "identity_remark": "false",
    "work_ban_60a6": "false",
    "identity_cleared": "true",
    "worked_during_procedure": "false",
}
SAYINGS = yaml.safe_load(Path(__file__).with_name("sayings.yml").read_text(encoding="utf-8"))
LANGUAGES = tuple(load_languages().offered)
MOST_QUESTIONS = 9


def asked(chat) -> str | None:
    """The fact the last answer asks for; None when it asks for none."""
    names = [name.removeprefix("ask.") for name in chat.responses if name.startswith("ask.")]
    return names[-1] if names else None


def answer_all(chat, facts: dict[str, str], words: dict[str, str]) -> list[str]:
    """Answer every question of the interview; return the facts that were asked."""
    seen: list[str] = []
    while (fact := asked(chat)) is not None:
        assert fact not in seen, f"{fact} was asked twice"
        seen.append(fact)
        assert len(seen) <= MOST_QUESTIONS, f"too many questions: {seen}"
        if fact in words:
            chat.say(words[fact])
            continue
        button = next((p for p in chat.offered("/inform") if f'"{fact}": "{facts[fact]}"' in p), None)
        chat.press(button) if button else chat.press(chat.offered("/dont_know")[0])
    return seen


def dates(language: str) -> dict[str, str]:
    """What a person who came in January 2024 says to the questions for days."""
    words = SAYINGS[language]
    return {"entered_on": words["january"], "lawful_since": words["five_months"], "asylum_contact_on": words["january"]}


def understood(talk, *intents: str):
    """Press the button of a meaning if the assistant asks back; the right one must be among the three."""
    if talk.responses == ["fallback.did_you_mean"]:
        talk.press(next(p for intent in intents for p in talk.offered(f"/{intent}")))
    return talk


def to_slots(talk) -> list[str]:
    """Answer topic, place and interpreter until three times are offered; return them."""
    for _ in range(5):
        if slots := talk.offered('/inform{"slot": "mettmann:'):
            return slots
        wanted = ('/inform{"site": "mettmann', '/inform{"interpreter": "none"', "/inform")
        talk.press(next(found[0] for start in wanted if (found := talk.offered(start))))
    return []


def read(talk, language: str | None = None) -> list[dict]:
    """Return the messages of the whole conversation as GET /api/chat gives them."""
    url = f"{talk.url}/api/chat/{talk.conversation}" + (f"?language={language}" if language else "")
    with urllib.request.urlopen(url, timeout=30) as answer:
        return json.load(answer)["messages"]


def test_every_language_has_its_sayings() -> None:
    assert all(SAYINGS[language].keys() == SAYINGS["en"].keys() for language in LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_a_kitchen_help_with_a_duldung_needs_a_permit_with_consent(chat, language) -> None:
    talk = chat(JULY_2024, language)
    talk.say(SAYINGS[language]["hello"])
    assert talk.responses == ["greet.hello"]
    understood(talk.say(SAYINGS[language]["kitchen"]), "ask_work_permission")
    assert talk.answer["language"] == language
    questions = answer_all(talk, KITCHEN_HELP, dates(language))
    assert not {"residence_status", "status_since", "activity"} & set(questions)
    assert "work_permission.permit_with_consent.should" in talk.responses
    assert "§ 60a Abs. 5b" in talk.text and "AufenthG" in talk.text
    assert "§ 32" in talk.text and "BeschV" in talk.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_b_mettmann_is_closed_on_wednesday_and_the_next_opening_is_named(chat, language) -> None:
    talk = chat(JULY_2024)
    understood(talk.say(SAYINGS[language]["hours"]), "ask_opening_hours")
    assert talk.answer["language"] == language, "the language is told from the sentence"
    # 3 July 2024 is a Wednesday; Thursday is the next opening, with the German day beside it
    assert "Donnerstag, 4. Juli 2024" in talk.text
    assert "8:30" in talk.text or "08:30" in talk.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_c_from_a_real_person_to_a_free_slot_again(chat, language) -> None:
    words = SAYINGS[language]
    talk = chat(JULY_2024, language)
    understood(talk.say(words["person"]), "request_human")
    slots = to_slots(talk)
    assert len(slots) == 3
    talk.press(slots[0])
    assert talk.answer["owner"] == "waiting"
    assert "Ötzbachstr. 1" in talk.text
    assert ".ics" in talk.text
    booked = slots[0]
    understood(talk.say(words["my_appointment"]), "ask_my_appointment")
    assert booked[-7:-2] in talk.text
    understood(talk.say(words["cancel"]), "cancel_appointment")
    if sure := talk.offered("/affirm"):
        talk.press(sure[0])
    assert any("cancel" in name for name in talk.responses)
    other = chat(JULY_2024, language)
    understood(other.say(words["appointment"]), "book_appointment")
    assert booked in to_slots(other), "a cancelled time must be offered again"


@pytest.mark.parametrize("language", [language for language in LANGUAGES if language != "de"])
def test_d_the_language_changes_in_the_middle_and_no_fact_is_lost(chat, language) -> None:
    talk = chat(JULY_2024, language)
    understood(talk.say(SAYINGS[language]["kitchen"]), "ask_work_permission")
    before = asked(talk)
    assert before is not None
    talk.say("deutsch bitte")
    assert talk.answer["language"] == "de"
    if asked(talk) is None:
        talk.press(talk.offered("/inform")[0])
    questions = answer_all(talk, KITCHEN_HELP, dates("de"))
    assert not {"residence_status", "status_since", "activity"} & set(questions)
    assert "work_permission.permit_with_consent.should" in talk.responses
    assert talk.answer["language"] == "de"


@pytest.mark.parametrize("language", LANGUAGES)
def test_e_on_the_day_of_the_slides_a_bakery_job_needs_the_priority_check(chat, language) -> None:
    talk = chat(SEED_DAY, language)
    understood(talk.say(SAYINGS[language]["bakery"]), "ask_work_permission")
    facts = {**KITCHEN_HELP, "qualified": "none", "procedure_state": "pending", "work_district": "mettmann"}
    days = {
        "asylum_contact_on": "10.11.2015",
        "entered_on": SAYINGS[language]["november"],
        "lawful_since": "10.11.2015",
    }
    questions = answer_all(talk, facts, days)
    assert not {"residence_status", "status_since", "activity", "in_reception_centre"} & set(questions)
    assert "work_permission.permit_with_priority_check.may" in talk.responses
    assert "§ 32 Abs. 1" in talk.text and "BeschV" in talk.text
    assert "2016" in talk.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_danger_is_answered_first_from_the_middle_of_a_booking(chat, language) -> None:
    talk = chat(JULY_2024, language)
    understood(talk.say(SAYINGS[language]["person"]), "request_human")
    talk.say(SAYINGS[language]["danger"])
    assert talk.responses[0] == "emergency.numbers"
    assert all(number in talk.text for number in ("110", "112", "116 016", "0800 111 0 111"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_papers_are_listed_and_said_again_in_simpler_words(chat, language) -> None:
    talk = chat(JULY_2024, language)
    understood(talk.say(SAYINGS[language]["papers"]), "ask_required_documents")
    assert any(name.startswith("documents.") for name in talk.responses)
    before = talk.text
    understood(talk.say(SAYINGS[language]["simpler"]), "repeat_simpler")
    assert talk.text != before and talk.answer["language"] == language


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_appointment_moves_to_the_day_that_was_said(chat, language) -> None:
    words = SAYINGS[language]
    talk = chat(JULY_2024, language)
    understood(talk.say(words["appointment"]), "book_appointment")
    first = to_slots(talk)[0]
    talk.press(first)
    assert talk.answer["owner"] == "waiting"
    understood(talk.say(words["move"]), "reschedule_appointment")
    # 4 July 2024 is the Thursday after this Monday
    slots = talk.offered('/inform{"slot": "mettmann:2024-07-04')
    assert slots, talk.text
    talk.press(slots[-1])
    understood(talk.say(words["my_appointment"]), "ask_my_appointment")
    assert slots[-1].rsplit("T", 1)[1][:5] in talk.text
    assert "Donnerstag, 4. Juli 2024" in talk.text
    # the others want that Thursday, too
    understood(talk.say(words["cancel"]), "cancel_appointment")
    talk.press(talk.offered("/affirm")[0])


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_course_is_looked_for_with_what_was_said(chat, language) -> None:
    talk = chat(JULY_2024, language)
    understood(talk.say(SAYINGS[language]["course"]), "find_language_course")
    assert any(name.startswith(("course.", "courses.", "find_course.", "ask.")) for name in talk.responses), (
        talk.responses
    )
    assert "ask.language_level" not in talk.responses, "the level was said"
    assert talk.answer["language"] == language


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_way_to_the_office_is_told(chat, language) -> None:
    talk = chat(JULY_2024, language)
    understood(talk.say(SAYINGS[language]["where"]), "ask_location")
    assert "Ötzbachstr. 1" in talk.text and talk.answer["language"] == language


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_deleted_before_the_person_says_so_twice(chat, language) -> None:
    talk = chat(JULY_2024, language)
    talk.say(SAYINGS[language]["hello"])
    understood(talk.say(SAYINGS[language]["delete"]), "delete_my_data")
    assert talk.offered("/affirm"), talk.text


@pytest.mark.parametrize("language", [language for language in LANGUAGES if language != "en"])
def test_the_whole_conversation_can_be_read_in_another_language(chat, language) -> None:
    talk = chat(JULY_2024, language)
    understood(talk.say(SAYINGS[language]["where"]), "ask_location")
    native = read(talk)
    english = read(talk, "en")
    assert [m["response"] for m in native] == [m["response"] for m in english]
    said = [(a["text"], b["text"]) for a, b in zip(native, english, strict=True) if a["author"] == "bot"]
    assert said and all(one != other for one, other in said)
    titles = [b["title"] for m in native for b in m["buttons"]]
    assert titles and titles != [b["title"] for m in english for b in m["buttons"]]
    talk.say("English please")
    assert talk.answer["language"] == "en"
    # what came before is now read in the new language, too
    assert [m["text"] for m in read(talk)[: len(english)]] == [m["text"] for m in english]


@pytest.mark.parametrize("language", LANGUAGES)
def test_buttons_may_be_typed_instead_of_pressed(chat, language) -> None:
    talk = chat(JULY_2024, language)
    talk.press_by_words('/inform{"topic": "work"', begin="/request_human")
    assert talk.responses == ["ask.site"]
