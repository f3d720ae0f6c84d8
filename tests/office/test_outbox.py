"""What leaves the house: at least once, in order, and not for ever."""

from datetime import timedelta

from office.conversations import start_conversation
from office.erasure import erase_conversation
from office.outbox import MAX_ATTEMPTS, claim, done, due, failed, given_up, put, wait_after


def keys(entries):
    return [entry.key for entry in entries]


def test_nothing_is_sent_of_a_unit_of_work_that_was_undone(store, work, now):
    put(work, "telegram", {"text": "x"}, "a")
    work.rollback()
    with store.read() as reading:
        assert not due(reading, now)


def test_the_same_key_is_sent_once(work, now):
    first = put(work, "telegram", {"text": "one"}, "a")
    again = put(work, "telegram", {"text": "two"}, "a")
    assert (again.id, again.duplicate, again.payload) == (first.id, True, {"text": "one"})
    done(work, first, now)
    assert put(work, "telegram", {"text": "three"}, "a").duplicate
    assert not due(work, now)


def test_what_was_sent_keeps_its_key_and_loses_its_words(work, now):
    entry = put(work, "telegram", {"text": "one"}, "a")
    done(work, entry, now)
    assert (entry.state, entry.payload, entry.done_at, entry.attempts) == ("done", {}, now, 1)


def test_a_failure_is_tried_again_later_and_later(work, now):
    entry = put(work, "telegram", {"text": "one"}, "a")
    failed(work, entry, now, "timeout")
    assert not due(work, now + timedelta(seconds=1))
    assert keys(due(work, now + timedelta(seconds=2))) == ["a"]
    failed(work, entry, now, "timeout")
    assert not due(work, now + timedelta(seconds=3))
    assert keys(due(work, now + timedelta(seconds=4))) == ["a"]
    assert wait_after(1000) == timedelta(hours=1)


def test_in_the_end_it_is_given_up_and_shown(work, now):
    entry = put(work, "telegram", {"text": "one"}, "a")
    for _ in range(MAX_ATTEMPTS):
        assert entry.state == "pending"
        failed(work, entry, now, "gone")
    other = put(work, "telegram", {"text": "two"}, "b")
    failed(work, other, now, "blocked", for_good=True)
    assert keys(given_up(work)) == ["a", "b"]
    assert not due(work, now + timedelta(days=30))


def test_a_later_message_of_a_conversation_does_not_overtake_an_earlier_one(work, now, conversation):
    first = put(work, "telegram", {}, "1", conversation=conversation)
    put(work, "telegram", {}, "2", conversation=conversation)
    other = start_conversation(work, channel="web", now=now)
    put(work, "telegram", {}, "3", conversation=other)
    assert keys(due(work, now)) == ["1", "2", "3"]
    failed(work, first, now)
    assert keys(due(work, now)) == ["3"]
    assert keys(due(work, now + timedelta(seconds=2))) == ["1", "2", "3"]


def test_a_claimed_entry_is_nobody_else_s_until_the_lease_ends(store, work, now):
    put(work, "telegram", {}, "a")
    assert keys(claim(work, now)) == ["a"]
    work.commit()
    with store.begin() as other:
        assert not claim(other, now + timedelta(seconds=59))
        assert keys(claim(other, now + timedelta(seconds=60))) == ["a"]


def test_a_reminder_waits_for_its_time(work, now):
    put(work, "reminder", {}, "r", not_before=now + timedelta(hours=48))
    assert not due(work, now)
    assert keys(due(work, now + timedelta(hours=48))) == ["r"]


def test_an_entry_erased_while_it_was_being_sent_does_not_come_back(store, work, now, conversation):
    put(work, "telegram", {"text": "x"}, "a", conversation=conversation)
    [entry] = claim(work, now)
    work.commit()
    with store.begin() as other:
        from office.conversations import get_conversation

        erase_conversation(other, get_conversation(other, conversation.id), now)
        other.commit()
    with store.begin() as sender:
        done(sender, entry, now)
        failed(sender, entry, now)
        sender.commit()
    with store.read() as reading:
        assert not due(reading, now + timedelta(days=1))
        assert not given_up(reading)
