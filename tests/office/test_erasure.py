"""Erased is erased: from the tables, the file and its log; and exported before, if wished."""

import json
import sqlite3
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from office.appointments import appointments_of, book, by_code, cancel, free_slots
from office.cases import open_case
from office.conversations import add_message, by_channel, get_conversation, start_conversation
from office.erasure import PERSONAL, erase_conversation, export_conversation
from office.errors import UnknownConversation
from office.outbox import put
from office.tables import Base, Tally

SECRET = "Geheimnis4711سر"
SLOT = "mettmann:2024-07-02T09:00"


@pytest.fixture
def full(store, now):
    """The id of a conversation that has left something everywhere."""
    with store.begin() as work:
        conversation = start_conversation(work, channel="telegram", channel_ref=SECRET, now=now)
        for _ in range(50):
            add_message(work, conversation, author="person", now=now, text=SECRET * 20, key=None)
        add_message(work, conversation, author="bot", now=now, response="x", values={"name": SECRET})
        appointment = book(work, SLOT, conversation, topic=SECRET, now=now, key=SECRET)
        gone = book(work, "mettmann:2024-07-04T09:00", conversation, topic="work", now=now)
        cancel(work, gone, now)
        facts = {"residence_status": SECRET}
        open_case(work, conversation, topic=SECRET, site="mettmann", facts=facts, now=now, appointment=appointment)
        put(work, "telegram", {"text": SECRET}, SECRET, conversation=conversation)
        work.commit()
        return conversation.id


def erase(store, id, now, **options):
    with store.begin() as work:
        erase_conversation(work, get_conversation(work, id), now, **options)
        work.commit()


def rows(store):
    with store.read() as work:
        return {
            table.name: work.session.execute(text(f"SELECT count(*) FROM {table.name}")).scalar()
            for table in Base.metadata.sorted_tables
        }


def test_nothing_about_the_person_is_left_in_any_table(store, now, full):
    assert rows(store)["message"] == 51
    erase(store, full, now)
    left = {name: count for name, count in rows(store).items() if count}
    assert left == {"resource": 2, "tally": 3}
    with store.read() as work:
        assert by_channel(work, "telegram", SECRET) is None
        with pytest.raises(UnknownConversation):
            get_conversation(work, full)
        tallies = {row.name: row.count for row in work.session.scalars(select(Tally))}
    assert tallies == {"conversation_erased": 1, "appointment_freed": 1, "appointment_cancelled_by_person": 1}


def test_nothing_is_left_in_the_file_or_its_log(store, now, full, tmp_path):
    def traces():
        return [p.name for p in tmp_path.iterdir() if SECRET.encode() in p.read_bytes()]

    assert traces()
    erase(store, full, now)
    assert traces() == []
    assert full.encode() not in (tmp_path / "lotse.db").read_bytes()


def test_the_freed_time_can_be_booked_by_somebody_else(store, now, full):
    erase(store, full, now)
    with store.read() as work:
        assert free_slots(work, "mettmann", now, n=1)[0].id == SLOT


def test_a_kept_appointment_has_a_code_and_no_person(store, now, full):
    with store.read() as work:
        code = appointments_of(work, get_conversation(work, full), now)[0].code
    erase(store, full, now, keep_appointments=True)
    with store.read() as work:
        kept = by_code(work, "mettmann", code)
        assert (kept.conversation, kept.topic, kept.key) == (None, "other", None)
        assert free_slots(work, "mettmann", now, n=1)[0].id != SLOT
    assert rows(store)["handoff_case"] == 0


def test_only_this_person_is_erased(store, now, full):
    with store.begin() as work:
        other = start_conversation(work, channel="web", now=now).id
        add_message(work, get_conversation(work, other), author="person", now=now, text="stay")
        book(work, "mettmann:2024-07-02T09:30", get_conversation(work, other), topic="work", now=now)
        work.commit()
    erase(store, full, now)
    with store.read() as work:
        assert len(appointments_of(work, get_conversation(work, other), now)) == 1
    assert (rows(store)["message"], rows(store)["allocation"]) == (1, 2)


def test_an_erasure_that_is_not_committed_erases_nothing(store, now, full):
    before = rows(store)
    with store.begin() as work:
        erase_conversation(work, get_conversation(work, full), now)
    assert rows(store) == before


def test_two_erasures_on_a_day_are_counted_together(store, now):
    for _ in range(2):
        with store.begin() as work:
            id = start_conversation(work, channel="web", now=now, site="mettmann").id
            work.commit()
        erase(store, id, now + timedelta(hours=1))
    with store.read() as work:
        [row] = work.session.scalars(select(Tally)).all()
        assert (row.day, row.site, row.name, row.count) == (
            "2024-07-01",
            "mettmann",
            "conversation_erased",
            2,
        )


def test_the_export_holds_everything_and_is_json(store, full):
    with store.read() as work:
        exported = export_conversation(work, get_conversation(work, full))
    again = json.loads(json.dumps(exported, ensure_ascii=False))
    assert {name: len(part) for name, part in again.items() if isinstance(part, list)} == {
        "messages": 51, "cases": 1, "appointments": 2, "appointment_events": 3,
        # Telegram's; confirmation and last reminder of the one; confirmation and cancellation of the other
        "waiting": 0, "outbox": 1 + 2 + 2,
    }  # fmt: skip
    assert again["cases"][0]["facts"] == {"residence_status": SECRET}
    assert again["conversation"]["channel_ref"] == SECRET
    assert again["appointments"][0]["starts_at"].endswith("+00:00")


def test_every_table_that_can_hold_something_personal_is_named(store):
    """A new table must be put among the personal ones, or here among those without a person."""
    without_person = {"staff", "resource", "absence", "allocation", "tally", "course"}
    personal = {table.__tablename__ for table in PERSONAL}
    assert personal | without_person == set(Base.metadata.tables)
    assert not personal & without_person


def test_without_overwriting_the_words_would_still_be_in_the_file(tmp_path):
    """Shows that the test above can fail: what plain SQLite leaves behind."""
    path = tmp_path / "plain.db"
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA secure_delete=OFF")
        connection.execute("CREATE TABLE t (x)")
        connection.execute("INSERT INTO t VALUES (?)", (SECRET * 20,))
        connection.commit()
        connection.execute("DELETE FROM t")
        connection.commit()
    assert SECRET.encode() in path.read_bytes()
