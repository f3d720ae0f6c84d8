"""How much of the office's time one conversation may keep from others."""

import math
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select

from office.allocation import is_live, offers
from office.clock import utc
from office.errors import TooManyAppointments, TooManyHolds
from office.store import Work
from office.tables import Appointment

__all__ = ["MAX_HOLDS", "MAX_OPEN", "open_count", "refuse_hoarding", "refuse_too_many"]

# How many appointments one conversation may have ahead of it.
MAX_OPEN = 2
# How many slots it may hold at once, and how many holds it may begin within an hour.
MAX_HOLDS = 2
HOLDS_AN_HOUR = 12
HOUR = timedelta(hours=1)


def open_count(work: Work, conversation_id: str, now: datetime) -> int:
    """Return how many booked appointments of a conversation are not over."""
    return (
        work.session.scalar(
            select(func.count()).where(
                Appointment.conversation_id == conversation_id,
                Appointment.state == "booked",
                Appointment.ends_at > utc(now),
            )
        )
        or 0
    )


def refuse_too_many(present: Sequence[Appointment], now: datetime) -> None:
    """Raise TooManyAppointments if a conversation that has these may not have another appointment."""
    if sum(one.state == "booked" and one.ends_at > utc(now) for one in present) >= MAX_OPEN:
        raise TooManyAppointments(f"This conversation has {MAX_OPEN} appointments already; cancel or move one of them.")


def refuse_hoarding(work: Work, conversation_id: str, present: Sequence[Appointment], now: datetime) -> None:
    """Raise TooManyHolds if the conversation holds as much as it may. Offers of the waiting list do not count."""
    held = [one for one in present if one.held_until is not None]
    own = [one for one in held if is_live(one, now) and one.id not in offers(work, held)]
    if len(own) >= MAX_HOLDS:
        first = min(one.held_until or utc(now) for one in own)
        raise TooManyHolds(
            f"This conversation holds {MAX_HOLDS} slots; confirm or release one.", _minutes(first - utc(now))
        )
    begun = [one.created_at for one in held if one.created_at > utc(now) - HOUR]
    if len(begun) >= HOLDS_AN_HOUR:
        wait = _minutes(min(begun) + HOUR - utc(now))
        raise TooManyHolds("This conversation has held slots too often; wait a little.", wait)


def _minutes(wait: timedelta) -> int:
    return max(1, math.ceil(wait / timedelta(minutes=1)))
