"""Nothing is free: wait, hear the place, take what is offered or let it pass, leave."""

from datetime import timedelta

import pytest

from office import appointments, waiting
from office.conversations import get_conversation
from tests.actions.test_booking import book_first


def waits(store, t):
    with store.read() as work:
        return waiting.waiting_of(work, get_conversation(work, t.conversation), t.now)


def own(store, t):
    with store.read() as work:
        return appointments.appointments_of(work, get_conversation(work, t.conversation), t.now)


def join(t, **wish):
    t.say("book_appointment", topic="work", site="Mettmann", **wish)
    return t.press("choice.tell_me")


def test_who_finds_nothing_free_can_wait_and_hears_the_place(talk, store, full_office):
    first, second = talk(), talk()
    assert join(first) == ["waiting.joined"]
    assert join(second) == ["waiting.joined"]
    assert [t.said[0]["values"]["place"] for t in (first, second)] == [1, 2]
    assert second.labels() == ["choice.leave_list"]
    assert second.slots["awaiting"] is None


def test_waiting_twice_keeps_the_place(talk, store, full_office):
    first, second = talk(), talk()
    join(first)
    join(second)
    assert join(first) == ["waiting.joined"]
    assert first.said[0]["values"]["place"] == 1


def test_the_wish_waits_with_the_person(talk, store, full_office):
    t = talk(language="en")
    join(t, interpreter="ar", means="phone")
    wish = waits(store, t).wish
    assert (wish["interpreter"], wish["means"], wish["topic"]) == ("ar", "phone", "work")


def test_my_appointment_tells_the_place_on_the_list(talk, full_office):
    t = talk()
    join(t)
    assert t.say("ask_my_appointment") == ["waiting.yours"]


def test_an_offer_is_taken_by_its_button(talk, store, full_office):
    t = talk(language="en")
    join(t, interpreter="ar")
    full_office()
    assert t.say("ask_my_appointment") == ["notify.waiting_offer"]
    assert t.message("notify.waiting_offer")["effects"]["told"]
    assert t.press("choice.take_offer")[:2] == ["appointment.booked", "appointment.interpreted"]
    assert own(store, t)[0].language == "ar"
    assert waits(store, t) is None


def test_an_offer_taken_in_the_middle_of_other_questions(talk, store, full_office):
    t = talk()
    join(t)
    full_office()
    t.say("ask_my_appointment")
    take = t.said[0]["choices"][0]["payload"]
    t.say("ask_work_permission", residence_status="duldung")
    assert t.send(take)[0] == "appointment.booked"
    assert "choice.continue" in t.labels()


def test_an_offer_that_ran_out_leads_to_other_times_for_the_same_wish(talk, store, full_office):
    t = talk(language="en")
    join(t, interpreter="ar")
    full_office()
    t.say("ask_my_appointment")
    t.now += timedelta(hours=6)
    # By now its time is too soon as well.
    assert t.press("choice.take_offer") == ["appointment.slot_gone", "appointment.offer"]
    assert t.press("choice.slot") == ["appointment.summary_interpreted"]
    assert not own(store, t)


def test_an_offer_that_does_not_suit_keeps_the_place(talk, store, full_office):
    t = talk()
    join(t)
    full_office()
    t.say("ask_my_appointment")
    before = t.said[0]["values"]
    t.press("choice.decline_offer")
    assert waits(store, t).declined
    # Another time is free as well, so it is offered next.
    assert t.said[0]["response"] == "notify.waiting_offer" and t.said[0]["values"]["time"] != before["time"]


def test_declining_without_an_offer_is_said(talk, full_office):
    t = talk()
    assert t.say("inform", slot="decline") == ["waiting.nothing_offered"]
    join(t)
    assert t.say("inform", slot="decline") == ["waiting.nothing_offered"]


@pytest.mark.parametrize("times", [1, 2])
def test_leaving_the_list(talk, store, full_office, times):
    t = talk()
    join(t)
    for _ in range(times):
        assert t.say("inform", slot="leave") == ["waiting.left"]
    assert waits(store, t) is None
    assert t.say("ask_my_appointment") == ["appointment.you_have_none"]


def test_leaving_the_list_leaves_an_open_question_open(talk, full_office):
    t = talk()
    join(t)
    t.say("ask_work_permission", residence_status="duldung")
    asked = t.slots["awaiting"]
    t.say("inform", slot="leave")
    assert t.slots["awaiting"] == asked is not None


def test_something_that_became_free_meanwhile_is_offered_at_once(talk, full_office):
    t = talk()
    t.say("book_appointment", topic="work", site="Mettmann")
    full_office()
    assert t.press("choice.tell_me") == ["notify.waiting_offer"]


def test_with_two_appointments_nobody_waits_for_a_third(talk, store, monkeypatch):
    t = talk()
    book_first(t)
    book_first(t)
    monkeypatch.setattr("actions.booking.search", lambda *a, **k: [])
    assert join(t) == ["appointment.too_many"]
    assert waits(store, t) is None


def test_a_conversation_the_house_does_not_know_cannot_wait(talk, full_office):
    t = talk()
    t.conversation = "rasa-shell"
    assert join(t) == ["appointment.only_in_chat"]
