"""Conversations and messages."""

from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from office.conversations import (
    add_message,
    by_channel,
    get_conversation,
    mark_message,
    mark_urgent,
    messages,
    recover_received,
    set_language,
    set_owner,
    set_site,
    start_conversation,
    unanswered,
)
from office.errors import UnknownConversation
from office.staff import create_staff


def test_a_conversation_begins_with_the_bot_and_a_token_nobody_guesses(work, now):
    first, second = (start_conversation(work, channel="web", now=now) for _ in range(2))
    assert (first.owner, first.language, first.language_chosen, first.urgent) == ("bot", "de", False, False)
    assert first.id != second.id
    assert len(first.id) == 32


def test_an_unknown_conversation_says_so(work):
    with pytest.raises(UnknownConversation):
        get_conversation(work, "no' OR 1=1")


def test_a_telegram_chat_has_one_conversation(work, now):
    chat = start_conversation(work, channel="telegram", channel_ref="77", now=now)
    assert by_channel(work, "telegram", "77") is chat
    assert by_channel(work, "telegram", "78") is None
    assert by_channel(work, "web", "77") is None
    with pytest.raises(IntegrityError):
        start_conversation(work, channel="telegram", channel_ref="77", now=now)


def test_messages_come_back_in_order_as_they_were_given(store, work, now, conversation):
    add_message(work, conversation, author="person", now=now, text="مرحبا 👋 \x00 <b>")
    add_message(work, conversation, author="person", now=now, payload='/inform{"day": "monday"}')
    values = {"as_of": "2024-07-01", "periods": [["08:30", "13:30"]], "site": "mettmann", "none": None}
    choices = [{"label": "choice.yes", "values": {}, "payload": "/affirm"}]
    add_message(work, conversation, author="bot", now=now, response="opening_hours.x", values=values, choices=choices)
    work.commit()
    with store.read() as reading:
        found = messages(reading, conversation)
    assert [m.text for m in found] == ["مرحبا 👋  <b>", None, None]
    assert found[1].payload == '/inform{"day": "monday"}'
    assert (found[2].values, found[2].choices) == (values, choices)
    assert found[0].values is None


def test_only_later_messages_are_given_after_one(work, now, conversation):
    ids = [add_message(work, conversation, author="bot", now=now, text=str(n)).id for n in range(4)]
    assert ids == sorted(set(ids))
    assert [m.id for m in messages(work, conversation, after=ids[1])] == ids[2:]


def test_the_same_key_keeps_the_first_message(work, now, conversation):
    first = add_message(work, conversation, author="person", now=now, text="one", key="a")
    again = add_message(work, conversation, author="person", now=now, text="two", key="a")
    assert (again.id, again.text, again.duplicate) == (first.id, "one", True)
    other = start_conversation(work, channel="web", now=now)
    assert add_message(work, other, author="person", now=now, text="x", key="a").duplicate is False
    for _ in range(2):
        assert not add_message(work, conversation, author="person", now=now, text="x").duplicate
    assert len(messages(work, conversation)) == 3


def test_the_last_message_moves_the_conversation_s_time(work, now, conversation):
    later = now + timedelta(minutes=5)
    add_message(work, conversation, author="person", now=later, text="x")
    assert conversation.last_message_at == later


def test_what_nobody_answered_stays_on_the_list_until_staff_write(work, now, conversation):
    message = add_message(work, conversation, author="person", now=now, text="x", state="received")
    assert not unanswered(work)
    mark_message(work, conversation, message.id, "unanswered")
    other = start_conversation(work, channel="web", now=now)
    add_message(work, other, author="person", now=now, text="y", state="unanswered")
    assert [m.text for m in unanswered(work)] == ["x", "y"]
    add_message(work, conversation, author="bot", now=now, response="system.unavailable")
    assert len(unanswered(work)) == 2
    add_message(work, conversation, author="staff", now=now, text="answer")
    assert [m.text for m in unanswered(work)] == ["y"]


def test_messages_left_over_by_a_killed_process_are_found_at_the_start(work, now, conversation):
    add_message(work, conversation, author="person", now=now, text="left", state="received")
    later = now + timedelta(minutes=1)
    add_message(work, conversation, author="person", now=later, text="running", state="received")
    assert recover_received(work, later) == 1
    assert [m.text for m in unanswered(work)] == ["left"]


def test_a_chosen_language_beats_a_detected_one(work, conversation):
    set_language(work, conversation, "en", chosen=False)
    assert (conversation.language, conversation.language_chosen) == ("en", False)
    set_language(work, conversation, "ar")
    set_language(work, conversation, "en", chosen=False)
    assert (conversation.language, conversation.language_chosen) == ("ar", True)


def test_only_a_person_s_conversation_has_a_member_of_staff(work, conversation):
    staff = create_staff(work, "counter", "correct horse battery")
    set_owner(work, conversation, "person", staff=staff.id)
    assert conversation.staff_id == staff.id
    set_owner(work, conversation, "bot")
    assert (conversation.owner, conversation.staff_id) == ("bot", None)


def test_site_and_urgency_are_kept(store, work, conversation):
    set_site(work, conversation, "mettmann")
    mark_urgent(work, conversation)
    work.commit()
    with store.read() as reading:
        found = get_conversation(reading, conversation.id)
        assert (found.site, found.urgent) == ("mettmann", True)
