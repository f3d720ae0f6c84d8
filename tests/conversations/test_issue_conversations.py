"""Whole conversations with the trained model, through `POST /api/chat`, on a given day."""

from __future__ import annotations

import pytest

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
IN_WORDS = {
    "de": {
        "entered_on": "im Januar 2024",
        "lawful_since": "seit 5 Monaten",
        "asylum_contact_on": "im Januar 2024",
    },
    "ar": {"entered_on": "في يناير 2024", "lawful_since": "منذ 5 أشهر", "asylum_contact_on": "في يناير 2024"},
    "en": {
        "entered_on": "in January 2024",
        "lawful_since": "for 5 months",
        "asylum_contact_on": "in January 2024",
    },
}
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


def test_a_german_kitchen_help_with_a_duldung_needs_a_permit_with_consent(chat) -> None:
    talk = chat(JULY_2024)
    talk.say("Hallo")
    assert talk.responses == ["greet.hello"]
    talk.say("Ich habe eine Duldung seit 5 Monaten, darf ich als Küchenhilfe arbeiten?")
    assert talk.answer["language"] == "de"
    questions = answer_all(talk, KITCHEN_HELP, IN_WORDS["de"])
    assert not {"residence_status", "status_since", "activity"} & set(questions)
    assert "work_permission.permit_with_consent.should" in talk.responses
    assert "§ 60a Abs. 5b" in talk.text and "AufenthG" in talk.text
    assert "§ 32" in talk.text and "BeschV" in talk.text


def test_b_the_same_person_asks_in_arabic_and_then_for_wednesday_in_mettmann(chat) -> None:
    talk = chat(JULY_2024)
    talk.say("عندي دولدونغ من خمسة أشهر، هل أقدر أشتغل كمساعد مطبخ؟")
    assert talk.answer["language"] == "ar"
    questions = answer_all(talk, KITCHEN_HELP, IN_WORDS["ar"])
    assert not {"residence_status", "status_since", "activity"} & set(questions)
    assert "work_permission.permit_with_consent.should" in talk.responses
    talk.say("هل المكتب في ميتمان مفتوح يوم الأربعاء؟")
    assert talk.answer["language"] == "ar"
    # 3 July 2024 is a Wednesday; Thursday is the next opening, in Arabic with the German day beside it
    assert "الخميس" in talk.text
    assert "(Donnerstag, 4. Juli 2024)" in talk.text
    assert "8:30" in talk.text or "08:30" in talk.text


def test_c_english_from_a_real_person_to_a_free_slot_again(chat) -> None:
    talk = chat(JULY_2024)
    talk.say("I need help from a real person")
    for _ in range(4):
        slots = talk.offered('/inform{"slot": "mettmann:')
        if slots:
            break
        talk.press((talk.offered('/inform{"site": "mettmann') or talk.offered("/inform"))[0])
    assert len(slots) == 3
    talk.press(slots[0])
    assert talk.answer["owner"] == "waiting"
    assert "Ötzbachstr. 1" in talk.text
    assert ".ics" in talk.text
    booked = slots[0]
    talk.say("when is my appointment?")
    assert booked[-7:-2] in talk.text
    talk.say("cancel it")
    if sure := talk.offered("/affirm"):
        talk.press(sure[0])
    assert any("cancel" in name for name in talk.responses)
    other = chat(JULY_2024, "en")
    other.say("I want an appointment in Mettmann please")
    for _ in range(4):
        slots = other.offered('/inform{"slot": "mettmann:')
        if slots:
            break
        other.press((other.offered('/inform{"site": "mettmann') or other.offered("/inform"))[0])
    assert booked in slots, "a cancelled time must be offered again"


def test_d_the_language_changes_in_the_middle_and_no_fact_is_lost(chat) -> None:
    talk = chat(JULY_2024)
    talk.say("عندي دولدونغ من خمسة أشهر، هل أقدر أشتغل كمساعد مطبخ؟")
    before = asked(talk)
    assert before is not None
    talk.say("deutsch bitte")
    assert talk.answer["language"] == "de"
    if asked(talk) is None:
        talk.press(talk.offered("/inform")[0])
    questions = answer_all(talk, KITCHEN_HELP, IN_WORDS["de"])
    assert not {"residence_status", "status_since", "activity"} & set(questions)
    assert "work_permission.permit_with_consent.should" in talk.responses
    assert talk.answer["language"] == "de"


@pytest.mark.parametrize(
    ("language", "words", "dates"),
    [
        ("de", "Ich habe eine Gestattung seit 10.11.2015 und wohne in einer Wohnung. Darf ich in einer Bäckerei arbeiten?",
         {"asylum_contact_on": "10.11.2015", "entered_on": "November 2015", "lawful_since": "10.11.2015"}),
        ("ar", "معي Aufenthaltsgestattung منذ 10.11.2015 وأسكن في شقة. هل يمكنني العمل في مخبز؟",
         {"asylum_contact_on": "10.11.2015", "entered_on": "نوفمبر 2015", "lawful_since": "10.11.2015"}),
        ("en", "I have an Aufenthaltsgestattung since 10.11.2015 and I live in a flat. May I work in a bakery?",
         {"asylum_contact_on": "10.11.2015", "entered_on": "November 2015", "lawful_since": "10.11.2015"}),
    ],
)  # fmt: skip
def test_e_on_the_day_of_the_slides_a_bakery_job_needs_the_priority_check(chat, language, words, dates) -> None:
    talk = chat(SEED_DAY, language)
    talk.say(words)
    facts = {**KITCHEN_HELP, "qualified": "none", "procedure_state": "pending", "work_district": "mettmann"}
    questions = answer_all(talk, facts, dates)
    assert not {"residence_status", "status_since", "activity", "in_reception_centre"} & set(questions)
    assert "work_permission.permit_with_priority_check.may" in talk.responses
    assert "§ 32 Abs. 1" in talk.text and "BeschV" in talk.text
    assert "2016" in talk.text
