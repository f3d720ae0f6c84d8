"""A queue for the writers of a SQLite file, so that nobody waits for ever while others get in.

SQLite lets one writer in at a time, and those who wait look again after ever longer pauses: of fifty, some never
get in. Here they wait in line: the threads of a process for a lock, its first one for a lock on a file, which
the operating system takes back from a process that dies. What is safe does not depend on it: whoever waits too
long goes on and hears from SQLite itself that the file is locked.
"""

import os
import sys
import threading
import time
from pathlib import Path
from typing import Any

if sys.platform != "win32":
    import fcntl

__all__ = ["Writers"]

# Only the first writer of each process looks, so this may be often.
LOOK_S = 0.001


class Writers:
    """The queue before one file. `enter` and `leave` are called with the connection's own notebook."""

    def __init__(self, database: Path, patience_s: float) -> None:
        self._path = database.with_name(f"{database.name}-writers")
        self._patience_s = patience_s
        self._here = threading.Lock()
        self._file: int | None = None

    def enter(self, notebook: dict[Any, Any]) -> None:
        """Wait for the turn of this connection; twice is the same as once."""
        if notebook.get(self) or not self._here.acquire(timeout=self._patience_s):
            return
        notebook[self] = True
        if sys.platform != "win32":
            self._lock_file()

    def leave(self, notebook: dict[Any, Any]) -> None:
        """Let the next one in; without a turn nothing happens."""
        if not notebook.pop(self, False):
            return
        if sys.platform != "win32" and self._file is not None:
            fcntl.flock(self._file, fcntl.LOCK_UN)
        self._here.release()

    def close(self) -> None:
        """Close the file; it is opened again when it is needed."""
        with self._here:
            if self._file is not None:
                os.close(self._file)
                self._file = None

    if sys.platform != "win32":

        def _lock_file(self) -> None:
            if self._file is None:
                self._file = os.open(self._path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
            until = time.monotonic() + self._patience_s
            while True:
                try:
                    fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    if time.monotonic() > until:
                        return
                    time.sleep(LOOK_S)
                else:
                    return
