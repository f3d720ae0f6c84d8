"""Whatever must leave the house: written with its change, sent at least once, in order."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import Table, and_, exists, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import aliased

from office.clock import utc
from office.store import Work
from office.tables import Conversation, Outbox

__all__ = [
    "MAX_ATTEMPTS",
    "Letter",
    "Outbox",
    "claim",
    "done",
    "due",
    "failed",
    "given_up",
    "put",
    "put_all",
    "wait_after",
]

# With the waiting times below, the last try is about 16 hours after the first.
MAX_ATTEMPTS = 24
LEASE = timedelta(minutes=1)


def put(
    work: Work,
    kind: str,
    payload: dict[str, Any],
    key: str,
    *,
    conversation: Conversation | None = None,
    conversation_id: str | None = None,
    not_before: datetime | None = None,
) -> Outbox:
    """Have something sent once this unit of work is committed; a key seen before gives the first entry.

    Name the conversation (or its id) whenever the payload is about a person: the entry then goes when they
    erase it.
    `not_before` None: as soon as possible.
    """
    first = work.session.scalar(select(Outbox).where(Outbox.key == key))
    if first is not None:
        first.duplicate = True
        return first
    entry = Outbox(
        kind=kind,
        key=key,
        payload=payload,
        conversation_id=conversation.id if conversation else conversation_id,
        state="pending",
        attempts=0,
        next_try_at=utc(not_before) if not_before else None,
        not_before=utc(not_before) if not_before else None,
    )
    work.session.add(entry)
    work.session.flush()
    return entry


@dataclass(frozen=True)
class Letter:
    """Something to be put into the outbox."""

    payload: dict[str, Any]
    key: str
    not_before: datetime | None = None


def put_all(work: Work, kind: str, letters: Sequence[Letter], conversation_id: str | None) -> None:
    """Put several at once, as `put` does; those whose key was seen before are left out."""
    rows = []
    for letter in letters:
        moment = utc(letter.not_before) if letter.not_before else None
        rows.append(
            {
                "kind": kind,
                "key": letter.key,
                "payload": letter.payload,
                "conversation_id": conversation_id,
                "state": "pending",
                "attempts": 0,
                "next_try_at": moment,
                "not_before": moment,
            }
        )
    # What they tell of goes first, as everywhere.
    work.session.flush()
    insert = postgresql.insert if work.session.get_bind().dialect.name == "postgresql" else sqlite.insert
    work.session.execute(insert(cast(Table, Outbox.__table__)).on_conflict_do_nothing(index_elements=["key"]), rows)


def due(work: Work, now: datetime, limit: int = 50, *, kind: str | None = None) -> Sequence[Outbox]:
    """Return what should be sent now, the oldest first, in order within a conversation and kind.

    `kind` None: of all kinds. What is planned for later keeps nothing else waiting until its time comes.
    """
    earlier = aliased(Outbox)
    held_back = exists().where(
        earlier.conversation_id == Outbox.conversation_id,
        earlier.kind == Outbox.kind,
        earlier.id < Outbox.id,
        earlier.state == "pending",
        earlier.next_try_at > utc(now),
        or_(earlier.not_before.is_(None), earlier.not_before <= utc(now)),
    )
    ripe = or_(Outbox.next_try_at.is_(None), Outbox.next_try_at <= utc(now))
    query = select(Outbox).where(and_(Outbox.state == "pending", ripe, ~held_back)).order_by(Outbox.id).limit(limit)
    if kind is not None:
        query = query.where(Outbox.kind == kind)
    # The conversation itself is not locked here.
    locked = query.with_for_update(of=Outbox, skip_locked=True)
    return work.session.scalars(locked if work.writing else query).all()


def claim(work: Work, now: datetime, limit: int = 50, lease: timedelta = LEASE) -> Sequence[Outbox]:
    """Take what is due for this worker; whoever dies with it loses it to the next one after the lease."""
    entries = due(work, now, limit)
    for entry in entries:
        entry.next_try_at = utc(now) + lease
    work.session.flush()
    return entries


def done(work: Work, sent: Outbox, now: datetime) -> None:
    """Note that it was sent. The payload is dropped: the key is all that is needed from now on."""
    entry = _current(work, sent)
    if entry is None:
        return
    entry.state = "done"
    entry.attempts += 1
    entry.done_at = utc(now)
    entry.next_try_at = None
    entry.last_error = None
    entry.payload = {}
    work.session.flush()


def failed(work: Work, unsent: Outbox, now: datetime, error: str = "", *, for_good: bool = False) -> None:
    """Note that sending failed, and when to try again; `for_good` (or too many tries) gives it up.

    `error` must hold nothing personal: it is shown to the operator.
    """
    entry = _current(work, unsent)
    if entry is None:
        return
    entry.attempts += 1
    entry.last_error = error[:256] or None
    if for_good or entry.attempts >= MAX_ATTEMPTS:
        entry.state = "given_up"
        entry.next_try_at = None
    else:
        entry.next_try_at = utc(now) + wait_after(entry.attempts)
    work.session.flush()


def _current(work: Work, entry: Outbox) -> Outbox | None:
    # Sending happens between two units of work; meanwhile the person may have erased everything.
    return work.session.scalar(select(Outbox).where(Outbox.id == entry.id))


def wait_after(attempts: int) -> timedelta:
    """Return how long to wait after so many failed tries: 2 s, 4 s, 8 s … at most an hour."""
    return min(timedelta(seconds=2 ** min(attempts, 12)), timedelta(hours=1))


def given_up(work: Work) -> Sequence[Outbox]:
    """Return what could not be sent, for the operator to see, the oldest first."""
    return work.session.scalars(select(Outbox).where(Outbox.state == "given_up").order_by(Outbox.id)).all()
