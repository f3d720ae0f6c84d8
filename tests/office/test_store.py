"""Units of work, migrations, and time on the way in and out."""

import os
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable

from office.conversations import add_message, get_conversation, messages, start_conversation
from office.errors import UnknownConversation
from office.store import Store, default_url
from office.tables import Base

ROOT = Path(__file__).parents[2]


def test_leaving_without_commit_undoes_everything(store, now):
    with store.begin() as work:
        id = start_conversation(work, channel="web", now=now).id
    with store.read() as work, pytest.raises(UnknownConversation):
        get_conversation(work, id)


def test_an_error_in_the_middle_undoes_everything(store, now):
    with store.begin() as work:
        id = start_conversation(work, channel="web", now=now).id
        work.commit()
    with pytest.raises(ZeroDivisionError), store.begin() as work:
        add_message(work, get_conversation(work, id), author="person", now=now, text="half")
        raise ZeroDivisionError
    with store.read() as work:
        assert not messages(work, get_conversation(work, id))


def test_time_comes_back_aware_and_in_utc(store, now):
    with store.begin() as work:
        id = start_conversation(work, channel="web", now=now).id
        work.commit()
    with store.read() as work:
        stored = get_conversation(work, id).created_at
    assert stored == now
    assert stored.tzinfo is UTC
    assert stored.isoformat() == "2024-07-01T07:00:00+00:00"


def test_a_time_without_offset_is_refused(work):
    with pytest.raises(ValueError, match="has no offset"):
        start_conversation(work, channel="web", now=datetime(2024, 7, 1, 9, 0))


def test_a_reading_unit_of_work_changes_nothing(store, now):
    with store.begin() as work:
        conversation = start_conversation(work, channel="web", now=now)
        work.commit()
    with store.read() as work, pytest.raises(RuntimeError, match=r"use store\.begin"):
        add_message(work, conversation, author="person", now=now, text="x")


def test_an_object_of_another_unit_of_work_is_refused_instead_of_losing_the_change(store, now):
    with store.begin() as work:
        conversation = start_conversation(work, channel="web", now=now)
        work.commit()
    with store.begin() as work, pytest.raises(RuntimeError, match="load it again"):
        add_message(work, conversation, author="person", now=now, text="x")


def test_a_reader_does_not_wait_for_a_writer(store, now):
    with store.begin() as writing:
        start_conversation(writing, channel="web", now=now)
        with store.read() as reading:
            assert reading.session.execute(text("SELECT count(*) FROM conversation")).scalar() == 0


def test_sqlite_is_set_up_to_lose_nothing(store):
    with store.connection() as connection:
        pragma = {
            name: connection.execute(text(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout", "secure_delete")
        }
    assert pragma == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": 10_000,
        "secure_delete": 1,
    }


def test_the_migrations_give_exactly_the_tables_of_the_code(store):
    with store.connection() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_migrating_twice_changes_nothing_and_keeps_the_data(store, now):
    with store.begin() as work:
        id = start_conversation(work, channel="web", now=now).id
        work.commit()
    store.migrate()
    with store.read() as work:
        assert get_conversation(work, id).channel == "web"


def test_four_processes_may_migrate_the_same_new_file_at_once_from_any_folder(tmp_path):
    url = f"sqlite:///{tmp_path / 'deep' / 'lotse.db'}"
    code = f"from office.store import Store; Store({url!r}).migrate()"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    started = [
        subprocess.Popen([sys.executable, "-c", code], cwd=tmp_path, env=environment, stderr=subprocess.PIPE)
        for _ in range(4)
    ]
    errors = [process.communicate(timeout=60)[1].decode() for process in started]
    assert [process.returncode for process in started] == [0] * 4, errors
    with sqlite3.connect(tmp_path / "deep" / "lotse.db") as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [("0003_courses",)]
        assert connection.execute("SELECT id FROM resource").fetchall() == [
            ("mettmann:counter:1",),
            ("mettmann:interpreter:file:arabic",),
        ]


def test_the_file_can_be_read_by_its_owner_only(tmp_path):
    store = Store(f"sqlite:///{tmp_path / 'lotse.db'}")
    store.migrate()
    store.close()
    assert (tmp_path / "lotse.db").stat().st_mode & 0o077 == 0


def test_a_store_in_memory_works_for_quick_trials(now):
    store = Store("sqlite://")
    store.migrate()
    with store.begin() as work:
        id = start_conversation(work, channel="web", now=now).id
        work.commit()
    with store.read() as work:
        assert get_conversation(work, id).language == "de"


def test_the_default_url_follows_the_settings():
    assert default_url({}) == "sqlite:///var/lotse.db"
    assert default_url({"LOTSE_STATE": "/srv/lotse"}) == "sqlite:////srv/lotse/lotse.db"
    assert default_url({"LOTSE_DATABASE_URL": "postgresql://db/lotse", "LOTSE_STATE": "x"}) == ("postgresql://db/lotse")


def test_postgresql_gets_the_same_rules():
    dialect = postgresql.dialect()
    indexes = " ".join(
        str(CreateIndex(index).compile(dialect=dialect))
        for table in Base.metadata.sorted_tables
        for index in table.indexes
    )
    assert "WHERE state != 'closed'" in indexes
    assert "WHERE state = 'booked'" in indexes
    tables = " ".join(str(CreateTable(t).compile(dialect=dialect)) for t in Base.metadata.sorted_tables)
    assert "PRIMARY KEY (resource_id, quantum_start)" in tables
    assert "TIMESTAMP WITH TIME ZONE" in tables


def test_the_database_itself_refuses_two_owners_of_a_quarter_of_an_hour(store):
    row = "INSERT INTO allocation VALUES ('mettmann:counter:1', '2024-07-02 06:30:00.000000', 'a', NULL)"
    with store.connection() as connection:
        connection.execute(text("PRAGMA defer_foreign_keys=ON"))
        connection.execute(text(row))
        with pytest.raises(Exception, match="UNIQUE constraint failed"):
            connection.execute(text(row.replace("'a'", "'b'")))


def test_a_writer_that_is_killed_leaves_nothing_half(tmp_path, now):
    url = f"sqlite:///{tmp_path / 'lotse.db'}"
    store = Store(url)
    store.migrate()
    code = f"""
import os, signal
from datetime import datetime, UTC
from office.store import Store
from office.conversations import start_conversation, add_message
from office.appointments import book
now = datetime(2024, 7, 1, 7, 0, tzinfo=UTC)
with Store({url!r}).begin() as work:
    conversation = start_conversation(work, channel="web", now=now)
    add_message(work, conversation, author="person", now=now, text="lost")
    book(work, "mettmann:2024-07-02T09:00", conversation, topic="work", now=now)
    os.kill(os.getpid(), signal.SIGKILL)
"""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    killed = subprocess.run([sys.executable, "-c", code], env=environment, timeout=60, check=False)
    assert killed.returncode == -9
    with store.read() as work:
        for table in ("conversation", "message", "appointment", "allocation"):
            assert work.session.execute(text(f"SELECT count(*) FROM {table}")).scalar() == 0
    # And the lock died with it: the next writer need not wait.
    with store.begin() as work:
        start_conversation(work, channel="web", now=now + timedelta(seconds=1))
        work.commit()


def test_making_a_store_opens_nothing(tmp_path):
    Store(f"sqlite:///{tmp_path / 'none.db'}")
    assert list(tmp_path.iterdir()) == []
    assert create_engine("sqlite://").dialect.name == "sqlite"
