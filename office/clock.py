"""Time as the office keeps it (UTC) and as it speaks it (Europe/Berlin); nothing here reads a clock."""

from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import DateTime, Dialect
from sqlalchemy.types import TypeDecorator

BERLIN = ZoneInfo("Europe/Berlin")


def utc(moment: datetime) -> datetime:
    """Return the moment in UTC; ValueError if it has no offset, because a guess would shift appointments."""
    if moment.tzinfo is None:
        raise ValueError(f"{moment.isoformat()} has no offset; pass an aware time, such as one in Europe/Berlin.")
    return moment.astimezone(UTC)


def berlin(moment: datetime) -> datetime:
    """Return the moment as a clock on a German wall shows it; ValueError if it has no offset."""
    return utc(moment).astimezone(BERLIN)


def wall(day: date, at: time) -> datetime:
    """Return the moment at which German clocks show this day and time (the first one, if there are two)."""
    return datetime.combine(day, at, BERLIN)


class UtcDateTime(TypeDecorator[datetime]):
    """Aware in, aware UTC out; SQLite keeps no offset, so it is put on again when reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        moment = utc(value)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        moment: datetime = value
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else utc(moment)
