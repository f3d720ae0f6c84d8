"""Taking resources for a time, for good or for ten minutes. The database refuses what is taken already.

Whoever gives away time at a site does so under the site's lock, one after the other: on SQLite every writer is
alone anyway, on PostgreSQL it keeps two of them from waiting for each other. That nothing is given away
twice does not depend on the lock: it is the primary key of the table.

Order, so that nobody waits in a circle: the conversation, then its appointments, then the site.
"""

import secrets
import zlib
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import cast

from sqlalchemy import Table, delete, insert, select, text, update
from sqlalchemy.engine import CursorResult
from sqlalchemy.exc import IntegrityError

from office.availability import quanta
from office.clock import utc
from office.errors import SlotTaken
from office.resources import terms
from office.slots import Search, Slot, Wish
from office.store import Work
from office.tables import Allocation, Appointment, Waiting

__all__ = [
    "HOLD",
    "free",
    "keep",
    "live_holds",
    "lock",
    "lock_sites",
    "make",
    "new_code",
    "offers",
    "place",
    "sweep",
    "transfer",
]

HOLD = timedelta(minutes=10)
# How long a hold that ran out is remembered, for the limits.
REMEMBERED = timedelta(days=1)
# Any number will do, as long as nothing else in the database uses it as an advisory lock.
SITE_LOCK = 5_114_028
# Letters and digits that cannot be confused when spoken or written by hand (no B/D/P/T pairs, no O/0, I/1).
_LETTERS, _DIGITS = "AEFHKLMRUXY", "23456789"


def lock(work: Work, appointment: Appointment) -> None:
    """Lock an appointment, and see it as it is now."""
    work.changing(appointment)
    if _is_postgresql(work):
        work.session.refresh(appointment, with_for_update=True)


def lock_sites(work: Work, sites: Iterable[str]) -> None:
    """Be the only one who gives away time at these sites, until the unit of work ends."""
    if not _is_postgresql(work):
        return
    for site in sorted(set(sites)):
        number = zlib.crc32(site.encode()) - 2**31
        work.session.execute(text("SELECT pg_advisory_xact_lock(:lock, :site)"), {"lock": SITE_LOCK, "site": number})


def _is_postgresql(work: Work) -> bool:
    return work.session.get_bind().dialect.name == "postgresql"


def place(work: Work, appointment: Appointment, slot: Slot, resources: Sequence[str], search: Search) -> None:
    """Put an appointment, new or not, on its time and resources; raises SlotTaken and changes nothing.

    While it is only held, its quarters carry the moment from which others may take them. The caller has
    swept away what ran out (`sweep`).
    """
    new = appointment not in work.session
    buffer = timedelta(minutes=search.terms.calendar.buffer_minutes)
    allocations = [
        {
            "resource_id": resource,
            "quantum_start": start,
            "appointment_id": appointment.id,
            "expires_at": appointment.held_until,
        }
        for resource in sorted(resources)
        for start in quanta(slot.starts_at, slot.ends_at + buffer)
    ]
    try:
        with work.session.begin_nested():
            if new:
                work.session.add(appointment)
            else:
                free(work, appointment)
            appointment.site, appointment.means = slot.site, slot.means
            appointment.starts_at, appointment.ends_at = utc(slot.starts_at), utc(slot.ends_at)
            work.session.flush()
            work.session.execute(insert(cast(Table, Allocation.__table__)), allocations)
    except IntegrityError:
        raise SlotTaken(f"{slot.id} has just been taken; offer the next free slots.") from None


def sweep(work: Work, site_id: str, now: datetime) -> bool:
    """Take away what holds that ran out still keep at the site; return whether there was anything."""
    # In steps, so that the small index of what runs out is used; mostly there is nothing.
    lapsed = set(work.session.scalars(select(Allocation.appointment_id).where(Allocation.expires_at <= utc(now))))
    if not lapsed:
        return False
    here = select(Appointment.id).where(Appointment.id.in_(lapsed), Appointment.site == site_id)
    swept = work.session.execute(
        delete(Allocation)
        .where(Allocation.appointment_id.in_(work.session.scalars(here).all()))
        .where(Allocation.expires_at <= utc(now))
        .execution_options(synchronize_session=False)
    )
    if not _count(swept):
        return False
    _forget_old_holds(work, site_id, now)
    return True


def _forget_old_holds(work: Work, site_id: str, now: datetime) -> None:
    query = select(Appointment.id).where(
        Appointment.state == "held",
        Appointment.site == site_id,
        Appointment.held_until <= utc(now) - REMEMBERED,
    )
    old = work.session.scalars(query.with_for_update(skip_locked=True)).all()
    if old:
        work.session.execute(delete(Appointment).where(Appointment.id.in_(old)))


def keep(work: Work, appointment: Appointment) -> bool:
    """Let a hold last for good; False if somebody else has taken its time meanwhile."""
    kept = work.session.execute(
        update(Allocation)
        .where(Allocation.appointment_id == appointment.id)
        .values(expires_at=None)
        .execution_options(synchronize_session=False)
    )
    return bool(_count(kept))


def transfer(work: Work, hold: Appointment, to: Appointment) -> bool:
    """Give the time of a hold to an appointment, whose own time becomes free; False if it is gone."""
    free(work, to)
    moved = work.session.execute(
        update(Allocation)
        .where(Allocation.appointment_id == hold.id)
        .values(appointment_id=to.id, expires_at=None)
        .execution_options(synchronize_session=False)
    )
    return bool(_count(moved))


def free(work: Work, appointment: Appointment) -> None:
    """Free everything the appointment holds."""
    work.session.execute(
        delete(Allocation)
        .where(Allocation.appointment_id == appointment.id)
        .execution_options(synchronize_session=False)
    )


def _count(result: object) -> int:
    return result.rowcount if isinstance(result, CursorResult) else 0


def is_live(held: Appointment, now: datetime) -> bool:
    """Return whether a hold has not run out."""
    return held.held_until is not None and held.held_until > utc(now)


def live_holds(work: Work, conversation_id: str, now: datetime) -> Sequence[Appointment]:
    """Return what a conversation holds now, the one that runs out first at the beginning."""
    return work.session.scalars(
        select(Appointment)
        .where(
            Appointment.conversation_id == conversation_id,
            Appointment.state == "held",
            Appointment.held_until > utc(now),
        )
        .order_by(Appointment.held_until, Appointment.id)
    ).all()


def offers(work: Work, holds: Sequence[Appointment]) -> set[str]:
    """Return the ids of those holds that are offers of the waiting list."""
    ids = [hold.id for hold in holds]
    if not ids:
        return set()
    found = work.session.scalars(select(Waiting.offer_id).where(Waiting.offer_id.in_(ids)))
    return {id for id in found if id is not None}


def make(slot: Slot, conversation_id: str, wish: Wish, now: datetime, *, key: str | None = None) -> Appointment:
    """Return a new appointment that is nowhere yet; `place` puts it on its time."""
    return Appointment(
        id=secrets.token_urlsafe(16),
        conversation_id=conversation_id,
        site=slot.site,
        topic=wish.topic,
        language=wish.interpreter,
        gender=wish.gender,
        means=slot.means,
        starts_at=utc(slot.starts_at),
        ends_at=utc(slot.ends_at),
        state="booked",
        held_until=None,
        replaces=None,
        code="",
        key=key,
        sequence=0,
        created_at=utc(now),
        changed_at=utc(now),
    )


def search_for(work: Work, wish: Wish, site_id: str, now: datetime, ignoring: str | None = None) -> Search:
    """Return what a site has for a wish."""
    return Search(work, terms(work, site_id), wish, now, ignoring)


def new_code(work: Work, site_id: str) -> str:
    """Return a code that no booked appointment of the site has, like K7R4; longer in a very full office."""
    pairs = 2
    for attempt in range(1, 1000):
        code = "".join(secrets.choice(kind) for kind in (_LETTERS, _DIGITS) * pairs)
        query = select(Appointment.id).where(
            Appointment.site == site_id, Appointment.code == code, Appointment.state == "booked"
        )
        if work.session.scalar(query) is None:
            return code
        # There are 7744 of letter, digit, letter, digit; misses must not become rare.
        pairs += attempt % 8 == 0
    raise RuntimeError("No free code was found.")
