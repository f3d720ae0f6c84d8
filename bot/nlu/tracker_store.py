"""Where Rasa keeps its side of a conversation: `rasa.db` in the installation's own folder.

Rasa's SQL tracker store spends more time in its ORM than everything else in a turn together (measured: 45 % of it), and
reads the whole conversation anew each time. This one appends the new events of a turn to one SQLite table and keeps
the conversations that are going on in memory. Several Rasa workers share no memory: they use Rasa's own stores
(`type: SQL` or `redis` in endpoints.yml).
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections import OrderedDict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import SerializedTrackerAsText, TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker

DEFAULT_FOLDER = "var"
FILE = "rasa.db"
# conversations kept ready in memory; the others are read from the file
MOST_IN_MEMORY = 200
BUSY_TIMEOUT_S = 10.0
TABLE = """
CREATE TABLE IF NOT EXISTS tracker_events (
    sender_id TEXT NOT NULL, number INTEGER NOT NULL, data TEXT NOT NULL, PRIMARY KEY (sender_id, number)
) WITHOUT ROWID
"""


def state_folder(environ: Any = os.environ) -> Path:
    """Return the folder of all state: LOTSE_STATE, or `var` in the current folder."""
    return Path(environ.get("LOTSE_STATE") or DEFAULT_FOLDER)


class StateTrackerStore(TrackerStore, SerializedTrackerAsText):
    """Trackers in `LOTSE_STATE` (created if missing), so that endpoints.yml names no path."""

    def __init__(
        self,
        domain: Domain | None = None,
        event_broker: EventBroker | None = None,
        **kwargs: Any,
    ) -> None:
        kwargs.pop("host", None)  # Rasa hands the `url` of endpoints.yml under this name; there is none here
        super().__init__(domain, event_broker, **kwargs)
        folder = state_folder()
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / FILE
        # only the account that runs the service may read what people said
        path.touch(mode=0o600, exist_ok=True)
        self._database = sqlite3.connect(path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False)
        # Write ahead and do not wait for the disk: a power cut may cost the last turn of the tracker, never the file.
        # What must not be lost is in the app's own database.
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "secure_delete=ON"):
            self._database.execute(f"PRAGMA {pragma}")
        self._database.execute(TABLE)
        self._ready: OrderedDict[str, DialogueStateTracker] = OrderedDict()

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Append the events that are not in the file yet."""
        await self.stream_events(tracker)
        sender = tracker.sender_id
        kept = self._kept(sender)
        events = list(tracker.events)
        rows = [
            (sender, number, json.dumps(event.as_dict(), ensure_ascii=False))
            for number, event in enumerate(events[kept:], kept)
        ]
        if rows:
            self._database.execute("BEGIN IMMEDIATE")
            try:
                self._database.executemany("INSERT INTO tracker_events VALUES (?, ?, ?)", rows)
                self._database.execute("COMMIT")
            except sqlite3.Error:
                self._database.execute("ROLLBACK")
                raise
        self._remember(tracker)

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """Return the tracker of a conversation; None if there is none (or if it was erased)."""
        kept = self._kept(sender_id)
        ready = self._ready.get(sender_id)
        if ready is not None and kept and len(ready.events) == kept:
            self._ready.move_to_end(sender_id)
            return ready
        self._ready.pop(sender_id, None)
        if not kept:
            return None
        found = self._database.execute(
            "SELECT data FROM tracker_events WHERE sender_id = ? ORDER BY number", (sender_id,)
        )
        events = json.loads("[" + ",".join(row[0] for row in found) + "]")
        tracker = DialogueStateTracker.from_dict(sender_id, events, self.domain.slots)
        self._remember(tracker)
        return tracker

    async def keys(self) -> Iterable[str]:
        """Return the ids of all conversations."""
        return [row[0] for row in self._database.execute("SELECT DISTINCT sender_id FROM tracker_events")]

    def _kept(self, sender_id: str) -> int:
        query = "SELECT max(number) + 1 FROM tracker_events WHERE sender_id = ?"
        return int(self._database.execute(query, (sender_id,)).fetchone()[0] or 0)

    def _remember(self, tracker: DialogueStateTracker) -> None:
        self._ready[tracker.sender_id] = tracker
        self._ready.move_to_end(tracker.sender_id)
        while len(self._ready) > MOST_IN_MEMORY:
            self._ready.popitem(last=False)
