"""A store in a temporary folder, and a Monday morning in July 2024."""

from datetime import datetime
from shutil import copyfile
from zoneinfo import ZoneInfo

import pytest

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
