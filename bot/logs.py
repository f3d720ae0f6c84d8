"""One line per event: time, level, name, key=value. What people write never goes into it."""

from __future__ import annotations

import logging
import sys

STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "color_message", "taskName"}


class KeyValue(logging.Formatter):
    """Writes the extra fields of a record as key=value."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of a record; a traceback follows on its own lines."""
        extra = "".join(f" {k}={v}" for k, v in vars(record).items() if k not in STANDARD)
        line = f"{self.formatTime(record)} {record.levelname.lower()} {record.name} {record.getMessage()}{extra}"
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


def set_up(level: str) -> None:
    """Send all logging of this process to standard error in one form."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(KeyValue())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    # these log addresses with tokens in them (conversations, the Telegram token), or far too much
    for name in ("httpx", "httpcore", "telegram", "apscheduler", "alembic"):
        logging.getLogger(name).setLevel(logging.WARNING)
