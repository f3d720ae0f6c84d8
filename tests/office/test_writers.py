"""The queue of writers: in turn, given back by whoever dies, and no condition for going on."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from office.conversations import start_conversation
from office.store import Store
from office.writers import Writers

ROOT = Path(__file__).parents[2]


def test_one_is_in_and_the_next_waits_until_it_leaves(tmp_path):
    writers = Writers(tmp_path / "x.db", 5.0)
    first, second, order = {}, {}, []

    def come():
        writers.enter(second)
        order.append("second")
        writers.leave(second)

    writers.enter(first)
    thread = threading.Thread(target=come)
    thread.start()
    order.append("first")
    writers.leave(first)
    thread.join(10)
    assert order == ["first", "second"]
    writers.close()


def test_twice_in_is_once_in_and_leaving_without_a_turn_is_nothing(tmp_path):
    writers, notebook = Writers(tmp_path / "x.db", 0.01), {}
    writers.leave(notebook)
    writers.enter(notebook)
    writers.enter(notebook)
    writers.leave(notebook)
    writers.leave(notebook)
    writers.enter(other := {})
    assert other
    writers.leave(other)
    writers.close()


def test_whoever_waits_too_long_goes_on_and_hears_it_from_the_database(tmp_path):
    writers = Writers(tmp_path / "x.db", 0.01)
    writers.enter({})
    late = {}
    writers.enter(late)
    assert not late


@pytest.mark.skipif(sys.platform == "win32", reason="files are not locked there")
def test_a_process_that_dies_gives_its_turn_back(tmp_path, now):
    url = f"sqlite:///{tmp_path / 'x.db'}"
    store = Store(url)
    store.migrate()
    code = f"""
import os, signal
from datetime import datetime, UTC
from office.store import Store
from office.conversations import start_conversation
work = Store({url!r}).begin()
start_conversation(work, channel="web", now=datetime(2024, 7, 1, tzinfo=UTC))
os.kill(os.getpid(), signal.SIGKILL)
"""
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == -9
    with store.begin() as work:
        start_conversation(work, channel="web", now=now)
        work.commit()
    store.close()


def test_an_error_in_the_middle_lets_the_next_one_in(tmp_path, now):
    store = Store(f"sqlite:///{tmp_path / 'x.db'}")
    store.migrate()
    for _ in range(3):
        with pytest.raises(ZeroDivisionError), store.begin() as work:
            start_conversation(work, channel="web", now=now)
            raise ZeroDivisionError
    with store.begin() as work:
        start_conversation(work, channel="web", now=now)
        work.commit()
    store.close()
