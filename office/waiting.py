"""The waiting list: a time that becomes free is held for the first who wishes it, for a few hours.

Who does not answer in time leaves the list and is told; the time passes on to the next. Holds and offers run
out by time alone; `pass_on` only has to be called so that the next person hears of it.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, time, timedelta

from sqlalchemy import func, select

from office import outbox
from office.allocation import free, live_holds, lock_sites, make, place, search_for, sweep
from office.clock import berlin, utc, wall
from office.errors import (
    NoHours,
    NoInterpreter,
    NoMeans,
    SlotTaken,
    UnknownSite,
    WaitingError,
)
from office.limits import MAX_OPEN, open_count
from office.notifications import KIND, notify
from office.slots import Slot, Wish
from office.store import Work
from office.tables import Appointment, Conversation, Waiting

__all__ = [
    "Waiting",
    "decline",
    "enter",
    "fulfilled",
    "join",
    "leave",
    "offer_of",
    "pass_on",
    "place_in_line",
    "serve",
    "sites_with_people_waiting",
    "waiting_of",
]

# How long a freed time is kept for somebody; nobody is expected to answer at night.
OFFER = timedelta(hours=3)
DAY_BEGINS, DAY_ENDS = time(8), time(20)
OPEN = ("waiting", "offered")


def join(
    work: Work,
    conversation: Conversation,
    site_id: str,
    wish: Wish,
    now: datetime,
    *,
    replaces: Appointment | None = None,
) -> Waiting:
    """Put a conversation on a site's waiting list; if something is free already, it is offered at once.

    A second time it keeps its place and only the wish changes (`duplicate` True). `replaces`: the appointment
    that is to become an earlier one. Raises UnknownSite, NoHours, NoMeans, NoInterpreter, and WaitingError if
    the conversation has as many appointments as it may.
    """
    work.changing(conversation)
    present = _open(work, conversation)
    places = {site_id, *([present.site] if present else [])}
    enter(work, places, now)
    search_for(work, wish, site_id, now)  # refuses what can never be met
    if replaces is None and open_count(work, conversation.id, now) >= MAX_OPEN:
        raise WaitingError(f"This conversation has {MAX_OPEN} appointments already; cancel one of them first.")
    # Looked up again: its offer may have run out, and then it is none any more.
    entry = _lapse(work, _open(work, conversation), now)
    if entry is not None and entry.site != site_id:
        _leave(work, entry)
        entry = None
    if entry is None:
        entry = Waiting(conversation_id=conversation.id, site=site_id, state="waiting", joined_at=utc(now), declined=[])
        work.session.add(entry)
    else:
        entry.duplicate = True
        _take_back(work, entry)
        entry.declined = []
    entry.wish = wish.as_json()
    entry.replaces = replaces.id if replaces else None
    work.session.flush()
    serve(work, places, now)
    return entry


def waiting_of(work: Work, conversation: Conversation, now: datetime) -> Waiting | None:
    """Return the conversation's place on a waiting list; None if it has none, or let its offer run out."""
    entry = _open(work, conversation)
    return None if entry is None or _ran_out(entry, now) else entry


def place_in_line(work: Work, entry: Waiting) -> int:
    """Return which place of the list this is; 1: the next."""
    before = select(func.count()).where(Waiting.site == entry.site, Waiting.state == "waiting", Waiting.id < entry.id)
    return 1 + (work.session.scalar(before) or 0)


def offer_of(work: Work, conversation: Conversation, now: datetime) -> Appointment | None:
    """Return the time held for the conversation from the waiting list; None if there is none now."""
    entry = waiting_of(work, conversation, now)
    if entry is None or entry.offer_id is None:
        return None
    return next((hold for hold in live_holds(work, conversation.id, now) if hold.id == entry.offer_id), None)


def decline(work: Work, conversation: Conversation, now: datetime) -> Waiting:
    """Refuse the offered time and keep the place; raises WaitingError if nothing is offered now."""
    work.changing(conversation)
    if (entry := _open(work, conversation)) is not None:
        enter(work, {entry.site}, now)
    entry = _open(work, conversation)
    offer = offer_of(work, conversation, now)
    if entry is None or offer is None:
        raise WaitingError("Nothing is offered to this conversation at present.")
    entry.declined = [*entry.declined, _mark(offer)]
    _take_back(work, entry)
    serve(work, {entry.site}, now)
    return entry


def leave(work: Work, conversation: Conversation, now: datetime) -> None:
    """Take the conversation off the waiting list; what is offered to it passes on. Twice is the same as once."""
    work.changing(conversation)
    if (entry := _open(work, conversation)) is None:
        return
    enter(work, {entry.site}, now)
    if _open(work, conversation) is not None:
        _leave(work, entry)
    serve(work, {entry.site}, now)


def fulfilled(work: Work, appointment: Appointment) -> bool:
    """End the wait of whoever has booked what they waited for; return whether an offered time became free."""
    entry = work.session.scalar(
        select(Waiting).where(Waiting.conversation_id == appointment.conversation_id, Waiting.state.in_(OPEN))
    )
    if entry is None:
        return False
    replaced = entry.replaces is not None and entry.replaces == appointment.id
    the_same = entry.replaces is None and (entry.site, entry.wish["topic"]) == (appointment.site, appointment.topic)
    if not (replaced or the_same or entry.offer_id == appointment.id):
        return False
    freed = entry.offer_id not in (None, appointment.id)
    if freed:
        _take_back(work, entry)
    entry.state = "accepted"
    entry.offer_id, entry.offered_until = None, None
    work.session.flush()
    return freed


# passing on ----------------------------------------------------------------------------------------------------


def sites_with_people_waiting(work: Work) -> list[str]:
    """Return the sites with somebody on the waiting list: a time may become free there by itself."""
    return list(work.session.scalars(select(Waiting.site).where(Waiting.state.in_(OPEN)).distinct()))


def enter(work: Work, sites: Iterable[str], now: datetime) -> None:
    """Be alone in giving away time at these sites; whoever waits gets first what holds that ran out leave."""
    wanted = sorted(set(sites))
    lock_sites(work, wanted)
    if swept := [site_id for site_id in wanted if sweep(work, site_id, now)]:
        serve(work, swept, now)


def pass_on(work: Work, site_id: str, now: datetime) -> None:
    """Offer what became free by itself: holds and offers that ran out, a new day that can be booked."""
    enter(work, {site_id}, now)
    serve(work, {site_id}, now)


def serve(work: Work, sites: Iterable[str], now: datetime) -> None:
    """Hold free times for those who wait, in their order. The caller has the sites' locks."""
    for site_id in sorted(set(sites)):
        line = _line(work, site_id)
        for entry in line:
            _lapse(work, entry, now)
        # What the first with a wish does not get, nobody else with the same wish gets.
        hopeless: set[str] = set()
        for entry in line:
            wish = repr((sorted(entry.wish.items()), entry.declined, entry.replaces))
            if entry.state == "waiting" and wish not in hopeless and not _offer(work, entry, now):
                hopeless.add(wish)


def _line(work: Work, site_id: str) -> Sequence[Waiting]:
    return work.session.scalars(
        select(Waiting).where(Waiting.site == site_id, Waiting.state.in_(OPEN)).order_by(Waiting.id)
    ).all()


def _offer(work: Work, entry: Waiting, now: datetime) -> bool:
    """Hold a time for somebody who waits; False if nothing is free for the wish."""
    if entry.replaces is None and open_count(work, entry.conversation_id, now) >= MAX_OPEN:
        # It is not the wish that fails.
        return True
    wish = Wish.from_json(entry.wish)
    try:
        search = search_for(work, wish, entry.site, now)
    except (UnknownSite, NoHours, NoMeans, NoInterpreter):
        # The office has changed since; staff see the list.
        return False
    until = offer_ends(now)
    moved = work.session.get(Appointment, entry.replaces) if entry.replaces else None

    def suits(slot: Slot) -> bool:
        earlier = moved is None or slot.starts_at.timestamp() < moved.starts_at.timestamp()
        return slot.id not in entry.declined and slot.starts_at.timestamp() > until.timestamp() and earlier

    for slot in search.first(1, suits=suits):
        _, chosen = search.choose(slot.id)
        hold = make(slot, entry.conversation_id, wish, now)
        hold.state, hold.held_until, hold.replaces = "held", until, entry.replaces
        try:
            place(work, hold, slot, chosen or [], search)
        except SlotTaken:
            return False
        entry.state, entry.offer_id, entry.offered_until = "offered", hold.id, until
        work.session.flush()
        notify(work, hold, "waiting_offer", now, at_once=True)
        return True
    return False


def offer_ends(now: datetime) -> datetime:
    """Return until when a time is kept that becomes free now: three hours of the day, none of the night."""
    local = berlin(now)
    if local.time() < DAY_BEGINS:
        return utc(wall(local.date(), DAY_BEGINS)) + OFFER
    evening = utc(wall(local.date(), DAY_ENDS))
    left = evening - utc(now)
    if left >= OFFER:
        return utc(now) + OFFER
    morning = utc(wall(local.date() + timedelta(days=1), DAY_BEGINS))
    return morning + (OFFER - max(left, timedelta()))


def _ran_out(entry: Waiting, now: datetime) -> bool:
    return entry.state == "offered" and entry.offered_until is not None and entry.offered_until <= utc(now)


def _lapse(work: Work, entry: Waiting | None, now: datetime) -> Waiting | None:
    """Take somebody off the list whose offer ran out, and tell them; return the entry if it goes on."""
    if entry is None or not _ran_out(entry, now):
        return entry
    _take_back(work, entry)
    entry.state = "passed"
    work.session.flush()
    outbox.put(
        work,
        KIND,
        {"response": f"{KIND}.waiting_passed", "values": {"site": entry.site}},
        key=f"{KIND}:waiting:{entry.id}:passed",
        conversation_id=entry.conversation_id,
    )
    return None


def _leave(work: Work, entry: Waiting) -> None:
    _take_back(work, entry)
    entry.state = "left"
    work.session.flush()


def _take_back(work: Work, entry: Waiting) -> None:
    """Free what is offered to somebody; the entry waits again."""
    offer = work.session.get(Appointment, entry.offer_id) if entry.offer_id else None
    if offer is not None and offer.state == "held":
        free(work, offer)
        entry.offer_id = None
        work.session.flush()
        work.session.delete(offer)
    entry.state, entry.offer_id, entry.offered_until = "waiting", None, None
    work.session.flush()


def _mark(offer: Appointment) -> str:
    means = "" if offer.means == "on_site" else f":{offer.means}"
    return f"{offer.site}:{berlin(offer.starts_at):%Y-%m-%dT%H:%M}{means}"


def _open(work: Work, conversation: Conversation) -> Waiting | None:
    return work.session.scalar(
        select(Waiting).where(Waiting.conversation_id == conversation.id, Waiting.state.in_(OPEN))
    )
