"""Buttons of the waiting list and of reminders work at any time, with and without a running booking."""

from office import appointments
from office.conversations import get_conversation

from .test_booking import book_first, slots_offered


def test_a_full_office_offers_its_waiting_list(talk, monkeypatch):
    monkeypatch.setattr(appointments, "free_slots", lambda *a, **k: [])
    t = talk()
    t.say("request_human", topic="work", site="Mettmann")
    assert "choice.wait_for_free" in t.labels()


def test_who_joins_hears_the_place_and_may_leave(talk):
    t = talk()
    assert t.say("inform", slot="wait", site="mettmann", topic="work") == ["waiting.joined"]
    assert t.message("waiting.joined")["values"] == {"site": "mettmann", "place": 1}
    assert t.press("choice.leave_waiting") == ["waiting.left"]


def test_an_offer_that_is_over_is_refused_kindly(talk):
    assert talk().say("inform", slot="decline") == ["waiting.no_offer"]


def test_a_site_without_hours_has_no_waiting_list(talk):
    assert talk().say("inform", slot="wait", site="herford", topic="work") == ["waiting.not_possible"]


def test_reminders_are_switched_off_and_on_again(talk, store):
    t = talk()
    book_first(t)
    assert t.say("inform", reminders="off") == ["reminders.off"]
    with store.read() as work:
        assert get_conversation(work, t.conversation).reminders is False
    assert t.press("choice.reminders_on") == ["reminders.on"]
    with store.read() as work:
        assert get_conversation(work, t.conversation).reminders is True


def test_such_a_button_does_not_end_a_running_question(talk):
    t = talk()
    t.say("request_human", topic="work", site="Mettmann")
    slot = slots_offered(t)[0]
    t.say("inform", reminders="off")
    assert t.say("inform", slot=slot)[0] == "appointment.booked"


def test_an_appointment_is_made_again_with_its_topic(talk, store):
    t = talk()
    book_first(t)
    with store.read() as work:
        (old,) = appointments.appointments_of(work, get_conversation(work, t.conversation), t.now)
    t.say("cancel_appointment")
    t.say("affirm")
    t.say("book_appointment", appointment=old.id)
    if "ask.topic" in [said["response"] for said in t.said]:
        t.press("topic.work")
    slot = slots_offered(t)[1]
    assert t.say("inform", slot=slot)[0] == "appointment.booked"
