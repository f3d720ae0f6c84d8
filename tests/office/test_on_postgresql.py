"""The same on PostgreSQL: every test of appointments, holds, the waiting list, notifications and two writers."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, InternalError, OperationalError

from office.conversations import get_conversation, start_conversation
from office.store import Store
from office.tables import Base
from tests.office.test_appointments import *  # noqa: F403
from tests.office.test_conversations import *  # noqa: F403
from tests.office.test_holds import *  # noqa: F403
from tests.office.test_notifications import *  # noqa: F403
from tests.office.test_outbox import *  # noqa: F403
from tests.office.test_two_writers import *  # noqa: F403
from tests.office.test_waiting import *  # noqa: F403

pytestmark = pytest.mark.slow


@pytest.fixture
def store(postgres_url):
    store = Store(postgres_url)
    yield store
    store.close()


def test_the_migrations_give_exactly_the_tables_of_the_code(store):
    with store.connection() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_migrating_again_keeps_the_data(store, now):
    with store.begin() as work:
        id = start_conversation(work, channel="web", now=now).id
        work.commit()
    store.migrate()
    with store.read() as work:
        assert get_conversation(work, id).reminders is True


def test_the_database_itself_refuses_two_owners_of_a_quarter_of_an_hour(store, now):
    with store.begin() as work:
        conversation = start_conversation(work, channel="web", now=now)
        book(work, TUESDAY, conversation, topic="x", now=now)  # noqa: F405
        work.commit()
    copy = "INSERT INTO allocation SELECT resource_id, quantum_start, appointment_id, expires_at FROM allocation"
    with store.connection() as connection, pytest.raises(IntegrityError, match="pk_allocation"):
        connection.execute(text(copy))


def test_a_reader_sees_one_picture_and_cannot_write(store, now):
    with store.read() as reading, store.begin() as work:
        count = text("SELECT count(*) FROM conversation")
        assert reading.session.execute(count).scalar() == 0
        start_conversation(work, channel="web", now=now)
        work.commit()
        assert reading.session.execute(count).scalar() == 0
        with pytest.raises((InternalError, OperationalError), match="read-only"):
            reading.session.execute(text("DELETE FROM conversation"))


@pytest.mark.parametrize("url", ["postgresql://h/d", "postgres://h/d", "postgresql+psycopg://h/d"])
def test_an_address_without_a_driver_gets_ours(url):
    pytest.importorskip("psycopg", reason="psycopg is not installed (it is in the app group)")
    assert Store(url).url.drivername == "postgresql+psycopg"


def test_nobody_waits_for_ever_for_a_process_that_hangs(store):
    with store.connection() as connection:
        for name, value in (("lock_timeout", "30s"), ("idle_in_transaction_session_timeout", "1min")):
            assert connection.execute(text(f"SHOW {name}")).scalar() == value
