"""The way of a case: waiting, accepted, closed; and what the console shows."""

from datetime import timedelta

import pytest

from office import console
from office.appointments import book, cancel
from office.cases import accept, close, get_case, give_back, open_case, open_case_of
from office.conversations import add_message, mark_urgent, start_conversation
from office.errors import HandoffError, UnknownCase, UnknownConversation
from office.staff import create_staff


@pytest.fixture
def staff(work):
    return create_staff(work, "counter", "correct horse battery")


@pytest.fixture
def colleague(work):
    return create_staff(work, "colleague", "correct horse battery")


@pytest.fixture
def case(work, conversation, now):
    return open_case(work, conversation, topic="work", site="mettmann", facts={"a": 1}, now=now)


def test_an_opened_case_waits_and_so_does_the_conversation(case, conversation):
    assert (case.state, conversation.owner) == ("waiting", "waiting")


def test_a_second_call_updates_the_open_case(work, now, conversation, case):
    later = now + timedelta(hours=1)
    again = open_case(work, conversation, topic="documents", site=None, facts={"b": 2}, now=later)
    assert again.id == case.id
    assert (again.topic, again.site, again.facts) == ("documents", "mettmann", {"a": 1, "b": 2})
    assert (again.opened_at, again.updated_at) == (now, later)


def test_changed_facts_are_really_stored(store, work, now, conversation, case):
    work.commit()
    open_case(work, conversation, topic=None, site=None, facts={"a": 9}, now=now)
    work.commit()
    with store.read() as reading:
        assert get_case(reading, case.id).facts == {"a": 9}


def test_accepting_gives_the_conversation_to_a_person(work, now, conversation, case, staff):
    accept(work, case, staff, now)
    assert (case.state, conversation.owner, conversation.staff_id) == ("accepted", "person", staff.id)
    accept(work, case, staff, now + timedelta(minutes=1))
    assert case.accepted_at == now


def test_new_facts_do_not_take_the_conversation_from_the_person_who_has_it(work, now, conversation, case, staff):
    accept(work, case, staff, now)
    open_case(work, conversation, topic="work", site=None, facts={"c": 3}, now=now)
    assert (case.state, conversation.owner) == ("accepted", "person")


def test_a_colleague_s_case_cannot_be_accepted_given_back_or_closed(work, now, case, staff, colleague):
    accept(work, case, staff, now)
    with pytest.raises(HandoffError, match="ask them to give it back"):
        accept(work, case, colleague, now)
    for act in (give_back, close):
        with pytest.raises(HandoffError, match="with a colleague"):
            act(work, case, colleague, now)
    assert case.staff_id == staff.id


def test_a_waiting_case_must_be_accepted_first(work, now, case, staff):
    for act in (give_back, close):
        with pytest.raises(HandoffError, match="accept it first"):
            act(work, case, staff, now)


def test_giving_back_puts_it_in_the_queue_or_with_the_bot(work, now, conversation, case, staff, colleague):
    accept(work, case, staff, now)
    give_back(work, case, staff, now)
    assert (case.state, case.staff_id, conversation.owner) == ("waiting", None, "waiting")
    accept(work, case, colleague, now)
    give_back(work, case, colleague, now, to="bot")
    assert (case.state, conversation.owner, conversation.staff_id) == ("closed", "bot", None)


def test_closing_ends_the_urgency_and_a_new_wish_opens_a_new_case(work, now, conversation, case, staff):
    mark_urgent(work, conversation)
    accept(work, case, staff, now)
    close(work, case, staff, now)
    assert (case.state, conversation.owner, conversation.urgent) == ("closed", "closed", False)
    assert open_case_of(work, conversation) is None
    for act in (accept, close, give_back):
        with pytest.raises(HandoffError, match="is closed"):
            act(work, case, staff, now)
    new = open_case(work, conversation, topic="work", site=None, facts={}, now=now)
    assert new.id != case.id


def test_an_unknown_case_says_so(work):
    with pytest.raises(UnknownCase):
        get_case(work, 4711)


def test_the_list_shows_urgent_first_then_waiting_then_the_oldest(work, now, staff):
    ids = []
    for minute in range(4):
        conversation = start_conversation(work, channel="web", now=now)
        at = now + timedelta(minutes=minute)
        case = open_case(work, conversation, topic="work", site=None, facts={}, now=at)
        ids.append(case.id)
        if minute == 0:
            accept(work, case, staff, at)
        if minute == 3:
            mark_urgent(work, conversation)
    assert [line.case.id for line in console.cases(work)] == [ids[3], ids[1], ids[2], ids[0]]
    assert console.counts(work) == {"waiting": 3, "accepted": 1, "unanswered": 0}


def test_a_line_of_the_list_carries_conversation_and_appointment(work, now, conversation):
    appointment = book(work, "mettmann:2024-07-02T09:00", conversation, topic="work", now=now)
    open_case(work, conversation, topic="work", site="mettmann", facts={}, now=now, appointment=appointment)
    [line] = console.cases(work)
    assert (line.conversation.id, line.appointment.id) == (conversation.id, appointment.id)
    view = console.conversation_view(work, conversation.id)
    assert (view.case.id, [a.id for a in view.appointments]) == (line.case.id, [appointment.id])
    assert [event.kind for event in view.events] == ["booked"]
    with pytest.raises(UnknownConversation):
        console.conversation_view(work, "nobody")


def test_the_calendar_shows_the_german_days_without_what_was_cancelled(work, now, conversation):
    book(work, "mettmann:2024-07-02T09:00", conversation, topic="work", now=now)
    gone = book(work, "mettmann:2024-07-04T09:00", conversation, topic="work", now=now)
    cancel(work, gone, now)
    days = console.appointments_on(work, now)
    assert [(day.isoformat(), len(list)) for day, list in days.items()] == [("2024-07-02", 1)]
    assert console.appointments_on(work, now, days=1) == {}
    assert console.appointments_on(work, now, site_id="herford") == {}
    assert [a.id for a in console.cancelled_since(work, now)] == [gone.id]


def test_unanswered_messages_of_urgent_conversations_come_first(work, now, conversation):
    add_message(work, conversation, author="person", now=now, text="later", state="unanswered")
    other = start_conversation(work, channel="web", now=now)
    add_message(work, other, author="person", now=now, text="first", state="unanswered")
    mark_urgent(work, other)
    lines = console.unanswered_lines(work)
    assert [message.text for message, _ in lines] == ["first", "later"]
    assert lines[0][1].id == other.id
