"""How much of the office's time one conversation may keep from others."""

import math
from datetime import datetime, timedelta

from sqlalchemy import func, select

from office.allocation import live_holds, offers
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


def refuse_too_many(work: Work, conversation_id: str, now: datetime) -> None:
    """Raise TooManyAppointments if the conversation may not have another appointment."""
    if open_count(work, conversation_id, now) >= MAX_OPEN:
        raise TooManyAppointments(f"This conversation has {MAX_OPEN} appointments already; cancel or move one of them.")


def refuse_hoarding(work: Work, conversation_id: str, now: datetime) -> None:
    """Raise TooManyHolds if the conversation holds as much as it may. Offers of the waiting list do not count."""
    holds = live_holds(work, conversation_id, now)
    own = [hold for hold in holds if hold.id not in offers(work, holds)]
    if len(own) >= MAX_HOLDS:
        wait = (own[0].held_until or utc(now)) - utc(now)
        raise TooManyHolds(f"This conversation holds {MAX_HOLDS} slots; confirm or release one.", _minutes(wait))
    begun = work.session.scalars(
        select(Appointment.created_at)
        .where(
            Appointment.conversation_id == conversation_id,
            Appointment.held_until.is_not(None),
            Appointment.created_at > utc(now) - HOUR,
        )
        .order_by(Appointment.created_at)
    ).all()
    if len(begun) >= HOLDS_AN_HOUR:
        raise TooManyHolds(
            "This conversation has held slots too often; wait a little.", _minutes(begun[0] + HOUR - utc(now))
        )


def _minutes(wait: timedelta) -> int:
    return max(1, math.ceil(wait / timedelta(minutes=1)))
