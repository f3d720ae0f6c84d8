"""With an interpreter, by phone, at a wished time: asked, held, read back, confirmed; and what cannot be had."""

import json
from datetime import timedelta

import pytest

from office import appointments
from office.conversations import get_conversation
from office.resources import add_interpreter
from tests.actions.test_booking import book_first, case_of, slots_offered


def own(store, t):
    with store.read() as work:
        return appointments.appointments_of(work, get_conversation(work, t.conversation), t.now)


def holds(store, t):
    with store.read() as work:
        return appointments.holds_of(work, get_conversation(work, t.conversation), t.now)


def interpret(store, *languages, **more):
    with store.begin() as work:
        name = "_".join([*languages, more.get("gender", "")])
        add_interpreter(work, "mettmann", name, list(languages), **more)
        work.commit()


def with_arabic(t):
    """Go as far as the summary of a time with an Arabic interpreter."""
    t.say("book_appointment", topic="work", site="Mettmann")
    t.press("choice.interpreter", language="ar")
    return t.press("choice.slot")


# the interpreter -----------------------------------------------------------------------------------------------


def test_an_interpreter_is_asked_for_separately_from_the_language_of_the_chat(talk, store):
    interpret(store, "ku")
    interpret(store, "ckb")
    t = talk(language="en")
    assert t.say("book_appointment", topic="work", site="Mettmann") == ["ask.interpreter"]
    codes = [c["values"]["language"] for c in t.said[0]["choices"] if c["label"] == "choice.interpreter"]
    assert codes == ["ar", "ckb", "ku"]
    assert t.press("choice.interpreter", language="ku") == ["appointment.offer"]
    t.press("choice.slot")
    t.press("choice.book_it")
    assert own(store, t)[0].language == "ku"


def test_the_language_of_the_chat_stands_first_where_somebody_interprets_it(talk):
    t = talk(language="ar")
    t.say("book_appointment", topic="work", site="Mettmann")
    assert t.said[0]["choices"][0]["values"] == {"language": "ar"}


def test_german_is_not_interpreted_and_not_asked(talk):
    assert talk(language="de").say("book_appointment", topic="work", site="Mettmann") == ["appointment.offer"]


def test_an_interpreter_that_was_said_already_is_not_asked_again(talk):
    t = talk(language="en")
    said = t.say("book_appointment", topic="work", site="Mettmann", interpreter="wanted", language="ar")
    assert said == ["appointment.offer"]
    assert t.slots["booking"]["interpreter"] == "ar"


def test_a_german_chat_can_have_an_interpreter_too(talk):
    t = talk(language="de")
    assert t.say("book_appointment", topic="work", site="Mettmann", interpreter="wanted") == ["ask.interpreter"]
    assert t.labels() == ["choice.interpreter", "choice.no_interpreter", "choice.stop"]
    # A yes does not say for which language, and German needs none.
    assert t.say("affirm") == ["ask.interpreter"]
    assert t.press("choice.interpreter", language="ar") == ["appointment.offer"]
    assert t.slots["booking"]["interpreter"] == "ar"


def test_yes_is_an_interpreter_for_the_language_of_the_chat(talk):
    t = talk(language="ar")
    t.say("book_appointment", topic="work", site="Mettmann")
    assert t.say("affirm") == ["appointment.offer"]
    assert t.slots["booking"]["interpreter"] == "ar"


@pytest.mark.parametrize("language", ["fa", "uk", "ckb", "ti", "en"])
def test_yes_is_no_interpreter_for_another_language_than_one_s_own(talk, language):
    t = talk(language=language)
    t.say("book_appointment", topic="work", site="Mettmann")
    assert t.say("affirm") == ["appointment.no_interpreter"]
    assert t.said[0]["values"]["language"] == language
    assert t.labels() == ["choice.no_interpreter", "choice.interpreter", "choice.stop"]
    assert "interpreter" not in t.slots["booking"]


@pytest.mark.parametrize(
    ("chat", "text", "heard"),
    [
        ("en", "farsi", ["fa"]),
        ("en", "Yes, Arabic", ["ar"]),
        ("ru", "русский", ["ru"]),
        ("ru", "я говорю по-русски", ["ru"]),
        ("ckb", "کوردی", ["ku", "ckb"]),
    ],
)
def test_the_name_of_a_language_says_what_to_interpret_and_leaves_the_chat_as_it_is(talk, store, chat, text, heard):
    meant = chat if chat in heard else heard[0]
    if meant != "ar":
        interpret(store, meant)
    t = talk(language=chat)
    t.languages = ["ar", "ckb", "de", "en", "fa", "ku", "ru"]
    for intent in ("change_language", "nlu_fallback", "inform"):
        t.say("book_appointment", topic="work", site="Mettmann")
        assert t.say(intent, text, language=heard) == ["appointment.offer"]
        assert t.slots["booking"]["interpreter"] == meant
        assert t.language == chat
        t.say("stop")


def test_who_asks_for_another_language_of_the_chat_gets_it_while_the_interpreter_is_asked(talk):
    t = talk(language="en")
    t.say("book_appointment", topic="work", site="Mettmann")
    said = t.say("change_language", "please speak arabic", language="ar")
    assert said == ["language.changed", "ask.interpreter"]


@pytest.mark.parametrize("intent", ["deny", "dont_know"])
def test_no_and_i_do_not_know_are_answers_to_the_interpreter(talk, intent):
    t = talk(language="en")
    t.say("book_appointment", topic="work", site="Mettmann")
    assert t.say(intent) == ["appointment.offer"]
    assert t.slots["booking"]["interpreter"] == "none"


def test_why_and_a_change_of_language_ask_for_the_interpreter_again(talk):
    t = talk(language="en")
    t.say("book_appointment", topic="work", site="Mettmann")
    assert t.say("ask_why") == ["why.interpreter", "ask.interpreter"]
    assert t.say("change_language", language="ar") == ["language.changed", "ask.interpreter"]


@pytest.mark.parametrize("intent", ["inform", "change_language"])
def test_a_language_nobody_interprets_leads_to_those_there_are(talk, intent):
    t = talk(language="en")
    t.say("book_appointment", topic="work", site="Mettmann")
    assert t.say(intent, language="ti") == ["appointment.no_interpreter"]
    assert t.labels() == ["choice.no_interpreter", "choice.interpreter", "choice.stop"]
    assert t.press("choice.no_interpreter") == ["appointment.offer"]


def test_a_woman_or_a_man_is_asked_only_where_there_are_both(talk, store):
    interpret(store, "ar", gender="m")
    t = talk(language="ar")
    t.say("book_appointment", topic="work", site="Mettmann")
    assert t.press("choice.interpreter", language="ar") == ["ask.gender"]
    assert t.say("ask_why") == ["why.gender", "ask.gender"]
    assert t.press("choice.gender_f") == ["appointment.offer"]
    t.press("choice.slot")
    t.press("choice.book_it")
    assert own(store, t)[0].gender == "f"


def test_it_may_not_matter_who_interprets(talk, store):
    interpret(store, "ar", gender="m")
    t = talk(language="ar")
    t.say("book_appointment", topic="work", site="Mettmann", interpreter="ar")
    assert t.press("choice.gender_any") == ["appointment.offer"]
    assert t.slots["booking"]["gender"] == "unknown"


def test_a_gender_nobody_has_is_said_and_all_times_are_shown(talk):
    t = talk(language="ar")
    said = t.say("book_appointment", topic="work", site="Mettmann", interpreter="ar", gender="m")
    assert said == ["appointment.no_interpreter_gender", "appointment.offer"]


def test_an_interpreter_who_does_not_phone_leads_to_the_office(talk, store):
    interpret(store, "ti", means=["on_site"])
    t = talk(language="en")
    said = t.say("book_appointment", topic="work", site="Mettmann", interpreter="ti", means="phone")
    assert said == ["appointment.no_interpreter_means", "appointment.offer"]
    assert t.slots["booking"]["means"] == "on_site"


def test_the_interpreter_can_be_changed_while_times_are_shown(talk):
    t = talk(language="en")
    t.say("book_appointment", topic="work", site="Mettmann", interpreter="none")
    assert t.press("choice.change_interpreter") == ["ask.interpreter"]
    assert t.press("choice.interpreter", language="ar") == ["appointment.offer"]


# held, read back, confirmed ------------------------------------------------------------------------------------


def test_a_time_with_an_interpreter_is_held_and_read_back_before_it_is_booked(talk, store):
    t = talk(language="en")
    assert with_arabic(t) == ["appointment.summary_interpreted"]
    values = t.said[0]["values"]
    assert (values["until"], values["language"], values["means"]) == ("10:10", "ar", "on_site")
    assert t.labels() == ["choice.book_it", "choice.another_time", "choice.stop"]
    assert not own(store, t)
    assert case_of(store, t) is None
    said = t.press("choice.book_it")
    assert said[:2] == ["appointment.booked", "appointment.interpreted"]
    assert own(store, t)[0].language == "ar"
    assert t.message("appointment.booked")["effects"]["handoff"] == {"case": case_of(store, t).id}
    assert t.message("appointment.booked")["effects"]["told"]


def test_yes_in_words_books_what_was_read_back(talk, store):
    t = talk(language="en")
    with_arabic(t)
    assert t.say("affirm")[0] == "appointment.booked"


def test_yes_pressed_twice_books_once_and_says_it_again(talk, store):
    t = talk(language="en")
    with_arabic(t)
    again = t.said[0]["choices"][0]["payload"]
    t.press("choice.book_it")
    assert t.send(again)[0] == "appointment.booked"
    assert len(own(store, t)) == 1


def test_the_same_time_pressed_twice_is_held_once(talk, store):
    t = talk(language="en")
    t.say("book_appointment", topic="work", site="Mettmann", interpreter="ar")
    slot = slots_offered(t)[0]
    t.say("inform", slot=slot)
    assert t.say("inform", slot=slot) == ["appointment.summary_interpreted"]
    assert len(holds(store, t)) == 1


@pytest.mark.parametrize("way", ["button", "no"])
def test_another_time_gives_the_held_one_back(talk, store, way):
    t = talk(language="en")
    with_arabic(t)
    said = t.press("choice.another_time") if way == "button" else t.say("deny")
    assert said == ["appointment.offer"]
    assert not holds(store, t)


@pytest.mark.parametrize("intent", ["stop", "restart"])
def test_leaving_gives_the_held_time_back(talk, store, intent):
    t = talk(language="en")
    with_arabic(t)
    t.say(intent)
    assert not holds(store, t)
    assert not own(store, t)


def test_a_wish_said_over_the_summary_corrects_it(talk, store):
    t = talk(language="en")
    with_arabic(t)
    assert t.say("inform", day="friday") == ["appointment.offer"]
    assert {slot[9:19] for slot in slots_offered(t)} == {"2024-07-05"}
    assert not holds(store, t)


def test_another_question_in_between_and_the_summary_comes_back(talk, store):
    t = talk(language="en")
    with_arabic(t)
    t.say("ask_opening_hours")
    assert t.press("choice.continue") == ["appointment.summary_interpreted"]
    assert t.say("ask_why") == ["why.hold", "appointment.summary_interpreted"]
    t.say("ask_opening_hours")
    # This yes answers 'go on?', not 'shall I book it?'
    assert t.say("affirm") == ["appointment.summary_interpreted"]
    assert not own(store, t)


def test_a_hold_that_ran_out_is_offered_again(talk, store):
    t = talk(language="en")
    t.say("book_appointment", topic="work", site="Mettmann", interpreter="ar")
    slot = slots_offered(t)[1]  # the first is too soon in ten minutes
    t.say("inform", slot=slot)
    t.now += timedelta(minutes=11)
    assert t.press("choice.book_it") == ["appointment.hold_expired", "appointment.offer"]
    assert slots_offered(t)[0] == slot
    assert len(slots_offered(t)) == 3
    assert not own(store, t)


def test_a_hold_that_ran_out_and_went_to_somebody_else_leads_to_the_next(talk):
    t, other = talk(language="en"), talk(language="ar")
    t.say("book_appointment", topic="work", site="Mettmann", interpreter="ar")
    slot = slots_offered(t)[1]  # the first is too soon in ten minutes
    t.say("inform", slot=slot)
    other.now = t.now = t.now + timedelta(minutes=11)
    other.say("book_appointment", topic="work", site="Mettmann", interpreter="ar")
    other.say("inform", slot=slot)
    t.press("choice.book_it")
    assert slot not in slots_offered(t)


def test_the_interpreter_is_held_with_the_time(talk):
    t, other = talk(language="en"), talk(language="ar")
    t.say("book_appointment", topic="work", site="Mettmann", interpreter="ar")
    slot = slots_offered(t)[0]
    t.say("inform", slot=slot)
    other.say("book_appointment", topic="work", site="Mettmann", interpreter="ar")
    assert slot not in slots_offered(other)
    assert other.say("inform", slot=slot) == ["appointment.taken", "appointment.offer"]


def test_who_holds_again_and_again_is_asked_to_wait(talk):
    t = talk(language="en")
    t.say("book_appointment", topic="work", site="Mettmann", interpreter="ar")
    for _ in range(12):
        t.press("choice.slot")
        t.press("choice.another_time")
        t.say("inform", day="friday")
    assert t.press("choice.slot") == ["appointment.too_many_holds"]
    assert t.said[0]["values"]["n"] > 0
    assert t.labels() == ["choice.answer_here", "choice.stop"]


def test_a_left_over_button_of_a_time_is_read_back_first(talk, store):
    t = talk(language="de")
    t.say("book_appointment", topic="work", site="Mettmann")
    slot = slots_offered(t)[0]
    t.say("stop")
    assert t.say("inform", slot=slot) == ["appointment.summary"]
    assert t.press("choice.book_it")[0] == "appointment.booked"


def test_a_double_tap_on_a_time_says_the_appointment_again(talk, store):
    t = talk(language="de")
    slot = book_first(t)
    assert t.say("inform", slot=slot)[0] == "appointment.yours"
    assert len(own(store, t)) == 1


# by phone ------------------------------------------------------------------------------------------------------


def test_by_phone_is_a_button_where_the_office_offers_it(talk, store):
    t = talk()
    t.say("book_appointment", topic="work", site="Mettmann")
    assert t.press("choice.by_phone") == ["appointment.offer_by"]
    assert "choice.in_office" in t.labels() and "choice.by_phone" not in t.labels()
    assert all(slot.endswith(":phone") for slot in slots_offered(t))
    assert t.press("choice.slot") == ["appointment.summary"]
    said = t.press("choice.book_it")
    assert said == ["appointment.booked", "appointment.by_phone", "appointment.have_ready", "appointment.keep"]
    assert own(store, t)[0].means == "phone"


def test_other_times_by_phone_are_later_ones(talk):
    t = talk()
    t.say("book_appointment", topic="work", site="Mettmann", means="phone")
    first = slots_offered(t)
    t.press("choice.other_times")
    assert min(slots_offered(t)) > max(first)


def test_back_from_the_phone_to_the_office(talk):
    t = talk()
    t.say("book_appointment", topic="work", site="Mettmann", means="phone")
    assert t.press("choice.in_office") == ["appointment.offer"]


NUMBERS = ["+49 176 12345678", "٠١٧٦١٢٣٤٥٦٧", "my number is 0176/123 45 67", "\u202a+49 (0)211 99-1234\u202c"]


@pytest.mark.parametrize("text", NUMBERS)
@pytest.mark.parametrize("intent", ["nlu_fallback", "ask_contact", "affirm"])
def test_a_number_after_a_call_was_booked_is_received(talk, store, text, intent):
    t = talk()
    t.say("book_appointment", topic="work", site="Mettmann", means="phone")
    t.press("choice.slot")
    t.press("choice.book_it")
    assert t.say(intent, text) == ["appointment.number_received"]
    assert len(own(store, t)) == 1
    # it stays in the conversation, and nowhere else
    assert not any(char.isdecimal() for char in str(t.said) + str(t.slots["facts"]) + str(t.slots["booking"]))


@pytest.mark.parametrize(
    ("intent", "text", "heard"),
    [
        ("nlu_fallback", "0176 1234567", {}),
        ("request_human", "call me 0176 1234567", {"means": "phone"}),
        ("deny", "0176 1234567", {}),
    ],
)
def test_a_number_keeps_the_time_that_is_held(talk, store, intent, text, heard):
    t = talk()
    t.say("book_appointment", topic="work", site="Mettmann", means="phone")
    t.press("choice.slot")
    held = [hold.id for hold in holds(store, t)]
    assert t.say(intent, text, **heard) == ["appointment.number_received", "appointment.summary"]
    assert [hold.id for hold in holds(store, t)] == held
    assert t.say("affirm")[0] == "appointment.booked"


def test_by_phone_once_more_keeps_the_time_that_is_held(talk, store):
    t = talk()
    t.say("book_appointment", topic="work", site="Mettmann", means="phone")
    t.press("choice.slot")
    held = [hold.id for hold in holds(store, t)]
    assert t.say("inform", "please call me", means="phone") == ["appointment.summary"]
    assert [hold.id for hold in holds(store, t)] == held


@pytest.mark.parametrize("text", ["12", "20:30", "12345678901234567890", "0176 1234567 or 0211 123456", "0211 123456?"])
def test_what_is_no_number_of_a_telephone_is_not_received(talk, text):
    t = talk()
    t.say("book_appointment", topic="work", site="Mettmann", means="phone")
    t.press("choice.slot")
    t.press("choice.book_it")
    assert "appointment.number_received" not in t.say("nlu_fallback", text)


def test_a_number_nobody_waits_for_is_not_received(talk):
    t = talk()
    book_first(t)
    assert t.say("nlu_fallback", "0176 1234567") == ["fallback.not_understood"]


def test_what_the_office_does_not_offer_is_said(talk):
    t = talk()
    said = t.say("book_appointment", topic="work", site="Mettmann", means="video")
    assert said == ["appointment.no_means", "appointment.offer"]
    assert t.said[0]["values"]["means"] == ["on_site", "phone"]


# when ----------------------------------------------------------------------------------------------------------


def days(t):
    return {slot[9:19] for slot in slots_offered(t)}


def test_next_week_narrows_the_search(talk):
    t = talk()
    t.say("book_appointment", topic="work", site="Mettmann", day="next_week")
    assert min(days(t)) >= "2024-07-08" and max(days(t)) <= "2024-07-14"


def test_tuesday_next_week_in_the_morning(talk):
    t = talk()
    t.say("book_appointment", topic="work", site="Mettmann", day=["tuesday", "next_week"], time_of_day="morning")
    assert days(t) == {"2024-07-09"}
    assert all(slot[20:22] < "12" for slot in slots_offered(t))


def test_the_afternoon_of_one_day_is_not_wished_for_another(talk):
    t = talk()
    t.say("book_appointment", topic="work", site="Mettmann", day="tuesday", time_of_day="afternoon")
    t.say("inform", "Donnerstag um 10", day="thursday")
    assert days(t) == {"2024-07-04"}
    assert all(slot[20:22] < "12" for slot in slots_offered(t))


def test_a_part_of_the_day_said_before_any_day_stays(talk):
    t = talk()
    t.say("book_appointment", topic="work", site="Mettmann", time_of_day="afternoon")
    t.say("inform", "Donnerstag", day="thursday")
    assert all(slot[20:22] >= "12" for slot in slots_offered(t))


@pytest.mark.parametrize("heard", [{"time_of_day": "afternoon"}, {"means": "phone"}, {"day": "friday"}])
def test_a_wish_that_no_intent_fits_is_taken_while_times_are_shown(talk, heard):
    t = talk()
    t.say("book_appointment", topic="work", site="Mettmann")
    assert t.say("nlu_fallback", "x", **heard)[0] in ("appointment.offer", "appointment.offer_by")


def test_a_day_that_does_not_exist_is_said(talk):
    t = talk()
    said = t.say("book_appointment", topic="work", site="Mettmann", bad_date="31.02.")
    assert said == ["interview.no_such_day", "appointment.offer"]


# moved and booked again ----------------------------------------------------------------------------------------


def test_moving_keeps_means_and_interpreter_and_takes_one_tap(talk, store):
    t = talk(language="en")
    with_arabic(t)
    t.press("choice.book_it")
    assert t.say("reschedule_appointment") == ["appointment.offer"]
    assert t.press("choice.slot")[0] == "appointment.moved"
    assert [(a.language, a.sequence) for a in own(store, t)] == [("ar", 1)]


def test_moving_to_the_phone_is_read_back_first_and_keeps_the_old_time_until_then(talk, store):
    t = talk()
    book_first(t)
    before = own(store, t)[0]
    t.say("reschedule_appointment")
    t.press("choice.by_phone")
    assert t.press("choice.slot") == ["appointment.summary"]
    assert own(store, t)[0].starts_at == before.starts_at
    assert t.press("choice.book_it")[0] == "appointment.moved"
    after = own(store, t)
    assert [(a.id, a.means) for a in after] == [(before.id, "phone")]


def test_a_cancelled_appointment_is_booked_again_with_its_interpreter(talk, store):
    t = talk(language="en")
    with_arabic(t)
    t.press("choice.book_it")
    old = own(store, t)[0]
    t.say("cancel_appointment")
    t.say("affirm")
    assert t.send("/book_appointment" + json.dumps({"appointment": old.id})) == ["appointment.offer"]
    assert t.press("choice.slot")[0] == "appointment.booked"
    new = own(store, t)[0]
    assert (new.id != old.id, new.language, new.topic) == (True, "ar", "work")


def test_booking_again_what_is_still_ahead_moves_it(talk, store):
    t = talk()
    book_first(t)
    old = own(store, t)[0]
    t.say("book_appointment", appointment=old.id)
    assert t.press("choice.slot")[0] == "appointment.moved"
    assert [a.id for a in own(store, t)] == [old.id]


@pytest.mark.parametrize("whose", ["nobody", "other"])
def test_nobody_books_another_conversation_s_appointment_again(talk, store, whose):
    mine, other = talk(), talk()
    book_first(mine)
    id = own(store, mine)[0].id if whose == "other" else "no-such-appointment"
    assert other.say("book_appointment", appointment=id) == ["appointment.not_open", "ask.topic"]


# reminders -----------------------------------------------------------------------------------------------------


def test_reminders_are_switched_off_and_on(talk, store):
    t = talk()
    book_first(t)
    t.say("ask_my_appointment")
    assert t.press("choice.no_reminders") == ["reminders.off"]
    with store.read() as work:
        assert get_conversation(work, t.conversation).reminders is False
    t.say("ask_my_appointment")
    assert "choice.no_reminders" not in t.labels()
    assert t.press("choice.reminders") == ["reminders.on"]
    with store.read() as work:
        assert get_conversation(work, t.conversation).reminders is True


def test_switching_reminders_leaves_an_open_question_open(talk):
    t = talk()
    t.say("book_appointment", topic="work")
    t.say("inform", reminders="off")
    assert t.slots["awaiting"] == "site"


def test_an_unknown_conversation_has_no_reminders(talk):
    t = talk()
    t.conversation = "rasa-shell"
    assert t.say("inform", reminders="off") == ["appointment.only_in_chat"]


# words that were taken for another question ---------------------------------------------------------------------


def test_with_an_interpreter_in_words_is_a_wish_and_no_question_while_times_are_shown(talk):
    t = talk()
    t.say("book_appointment", topic="work", site="Mettmann")
    said = t.say("ask_interpreter", "with an arabic interpreter", interpreter="wanted", language="ar")
    assert said == ["appointment.offer"]
    assert t.slots["booking"]["interpreter"] == "ar"


def test_a_question_about_interpreters_stays_one(talk):
    t = talk()
    t.say("book_appointment", topic="work", site="Mettmann")
    said = t.say("ask_interpreter", "is there an arabic interpreter?", interpreter="wanted", language="ar")
    assert "appointment.offer" not in said
