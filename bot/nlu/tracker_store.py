"""Where Rasa keeps its side of a conversation: `rasa.db` in the installation's own folder."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core.domain import Domain

DEFAULT_FOLDER = "var"


def state_folder(environ: Any = os.environ) -> Path:
    """Return the folder of all state: LOTSE_STATE, or `var` in the current folder."""
    return Path(environ.get("LOTSE_STATE") or DEFAULT_FOLDER)


class StateTrackerStore(SQLTrackerStore):
    """Rasa's SQL tracker store in `LOTSE_STATE` (created if missing), so that endpoints.yml names no path.

    With `url` (an SQLAlchemy address, from endpoints.yml) it uses that database instead.
    """

    def __init__(
        self,
        domain: Domain | None = None,
        event_broker: EventBroker | None = None,
        host: str | None = None,
        **kwargs: Any,
    ) -> None:
        if host:  # Rasa hands the `url` of endpoints.yml to a custom store under this name
            super().__init__(domain=domain, event_broker=event_broker, host=host, **kwargs)
            return
        folder = state_folder()
        folder.mkdir(parents=True, exist_ok=True)
        super().__init__(
            domain=domain, event_broker=event_broker, dialect="sqlite", db=str(folder / "rasa.db"), **kwargs
        )
        sa.event.listen(self.engine, "connect", _fast_and_safe_enough)
        self.engine.dispose()  # the connection that made the tables was opened before


def _fast_and_safe_enough(connection: Any, _record: Any) -> None:
    """Write ahead and do not wait for the disk: a power cut may cost the last turn of the tracker, never the file.

    What must not be lost is in the app's own database.
    """
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.close()
