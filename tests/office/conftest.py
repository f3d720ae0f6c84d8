"""A store in a temporary folder, and a Monday morning in July 2024."""

import os
import secrets
from datetime import datetime
from shutil import copyfile
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import create_engine, make_url, text

from bench.postgres import missing, server
from office.conversations import start_conversation
from office.store import Store

BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = datetime(2024, 7, 1, 9, 0, tzinfo=BERLIN)


@pytest.fixture
def now():
    return MONDAY


@pytest.fixture(scope="session")
def migrated(tmp_path_factory):
    """An empty store's file; copying it is a hundred times quicker than migrating again."""
    path = tmp_path_factory.mktemp("office") / "empty.db"
    store = Store(f"sqlite:///{path}")
    store.migrate()
    store.close()
    return path


@pytest.fixture
def store(tmp_path, migrated):
    copyfile(migrated, tmp_path / "lotse.db")
    store = Store(f"sqlite:///{tmp_path / 'lotse.db'}")
    yield store
    store.close()


@pytest.fixture
def work(store):
    with store.begin() as work:
        yield work


@pytest.fixture
def conversation(work, now):
    return start_conversation(work, channel="web", now=now)


@pytest.fixture(scope="session")
def postgres():
    """The address of a server of our own with a migrated database 'empty'; skipped where none can be started."""
    if reason := missing():
        if os.environ.get("LOTSE_TEST_POSTGRESQL") == "required":
            pytest.fail(reason)
        pytest.skip(reason)
    with server(durable=False) as url:
        run_sql(url, "CREATE DATABASE empty")
        store = Store(database(url, "empty"))
        store.migrate()
        store.close()
        yield url


@pytest.fixture
def postgres_url(postgres):
    """The address of a database of one test's own."""
    name = f"test_{secrets.token_hex(6)}"
    run_sql(postgres, f"CREATE DATABASE {name} TEMPLATE empty")
    yield database(postgres, name)
    run_sql(postgres, f"DROP DATABASE {name} WITH (FORCE)")


def database(url, name):
    return make_url(url).set(database=name).render_as_string(hide_password=False)


def run_sql(url, words):
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(words))
    engine.dispose()
