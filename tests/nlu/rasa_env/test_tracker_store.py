"""Rasa's side of a conversation lies in LOTSE_STATE and is there again after a restart."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sqlite3
import tempfile
import unittest
from pathlib import Path
from unittest import mock

from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import UserUttered
from rasa.utils.endpoints import read_endpoint_config

from bot.nlu.tracker_store import StateTrackerStore
from tests.nlu.rasa_env.pipeline import ROOT


def say(store: TrackerStore, text: str) -> None:
    """Let a person say something, as Rasa keeps it."""

    async def save() -> None:
        tracker = await store.get_or_create_tracker("one")
        tracker.update(UserUttered(text, {"name": "greet", "confidence": 1.0}))
        await store.save(tracker)

    asyncio.run(save())


def stored(store: TrackerStore, sender: str) -> list[str]:
    tracker = asyncio.run(store.retrieve(sender))
    return [event.text for event in tracker.events if isinstance(event, UserUttered)] if tracker else []


class Place(unittest.TestCase):
    def setUp(self) -> None:
        self._folder = tempfile.TemporaryDirectory()
        self.state = Path(self._folder.name) / "not" / "yet"
        patch = mock.patch.dict(os.environ, {"LOTSE_STATE": str(self.state)})
        patch.start()
        self.addCleanup(self._folder.cleanup)
        self.addCleanup(patch.stop)

    def test_the_file_lies_in_the_state_folder_which_is_made(self) -> None:
        StateTrackerStore(Domain.empty())
        self.assertTrue((self.state / "rasa.db").is_file())

    def test_what_was_said_is_there_after_a_restart(self) -> None:
        first = StateTrackerStore(Domain.empty())
        say(first, "Hallo")
        say(first, "Danke")
        self.assertEqual(stored(StateTrackerStore(Domain.empty()), "one"), ["Hallo", "Danke"])

    def test_conversations_are_kept_apart(self) -> None:
        store = StateTrackerStore(Domain.empty())
        say(store, "Hallo")
        self.assertEqual(stored(store, "two"), [])

    def test_writing_does_not_wait_for_readers(self) -> None:
        StateTrackerStore(Domain.empty())
        with contextlib.closing(sqlite3.connect(self.state / "rasa.db")) as connection:
            self.assertEqual(connection.execute("PRAGMA journal_mode").fetchone(), ("wal",))

    def test_endpoints_yml_names_it(self) -> None:
        endpoint = read_endpoint_config(str(ROOT / "endpoints.yml"), "tracker_store")
        store = TrackerStore.create(endpoint, Domain.empty())
        self.assertIsInstance(getattr(store, "_tracker_store", store), StateTrackerStore)
        self.assertTrue((self.state / "rasa.db").is_file())


if __name__ == "__main__":
    unittest.main()
