"""Holds, bookings, moves and the waiting list, against a model that reckons everything anew at each step.

The model keeps a plain list of who has which resource when. It knows nothing of tables, quarters of an hour or
bits; whatever hypothesis does to both, they must agree on every answer and on everything that is taken.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from shutil import copyfile
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import select

from office import limits
from office.appointments import MAX_HOLDS, MAX_OPEN, book, cancel, confirm, get_appointment, hold, move, release_hold
from office.calendars import Calendar, Member
from office.conversations import get_conversation, start_conversation
from office.errors import HoldExpired, OfficeError, SlotTaken, TooManyAppointments, TooManyHolds, WaitingError
from office.sites import SpecialDay, sites
from office.slots import Wish
from office.store import Store
from office.tables import Allocation, Appointment
from office.waiting import Waiting, decline, join, leave, offer_ends, offer_of, pass_on, waiting_of

BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = datetime(2024, 7, 1, 9, 0, tzinfo=BERLIN)
# Seven weeks ahead, so that nothing begins while the machine runs.
DAY = date(2024, 8, 20)
TIMES = ("08:30", "09:00", "09:30")
# Who can do least comes first: one only telephones, the other does both; one room; one interpreter.
ADVISERS = {"b": ("phone",), "a": ("on_site", "phone")}
CALENDAR = Calendar(
    "mettmann",
    means=("on_site", "phone"),
    advisers=tuple(Member(handle, means=means) for handle, means in ADVISERS.items()),
    rooms=(Member("r"),),
    interpreters=(Member("i", ("ar",)),),
)
PEOPLE = range(3)


def office():
    """The site, open on the day just for these three times."""
    site = sites()["mettmann"]
    special = {DAY: SpecialDay(((time(8, 30), time(10, 0)),))}
    return {"mettmann": replace(site, hours=replace(site.hours, special=special))}


@dataclass
class Taken:
    """A time in the model: held, offered or booked; `over` once it is none of these."""

    id: str
    who: int
    time: str
    means: str
    language: str | None
    resources: tuple[str, ...]
    kind: str
    until: datetime | None = None


@dataclass
class Waits:
    who: int
    means: str
    language: str | None
    offer: Taken | None = None
    declined: tuple[str, ...] = ()


class Model:
    """What should be the case."""

    def __init__(self) -> None:
        self.now = MONDAY
        self.taken: list[Taken] = []
        self.line: list[Waits] = []

    def live(self) -> list[Taken]:
        return [t for t in self.taken if t.kind == "booked" or (t.kind in ("held", "offered") and t.until > self.now)]

    def pick(self, time: str, means: str, language: str | None, ignoring: Taken | None = None):
        busy = {r for t in self.live() if t.time == time and t is not ignoring for r in t.resources}
        groups = [[f"adviser:{a}" for a, can in ADVISERS.items() if means in can]]
        groups += [["room:r"]] if means == "on_site" else []
        groups += [["interpreter:i"]] if language else []
        chosen = [next((r for r in group if r not in busy), None) for group in groups]
        return None if None in chosen else tuple(chosen)

    def lapse(self) -> None:
        """Whatever ran out is over; whoever lost an offer so is off the list."""
        lapsed = [t for t in self.taken if t.kind in ("held", "offered") and t.until <= self.now]
        for one in lapsed:
            one.kind = "over"
        self.line = [w for w in self.line if w.offer not in lapsed or w.offer is None]
        if lapsed:
            self.serve()

    def serve(self) -> None:
        for waits in self.line:
            if waits.offer is None and self.open(waits.who) < MAX_OPEN:
                for time in TIMES:
                    resources = self.pick(time, waits.means, waits.language)
                    if resources and slot_id(time, waits.means) not in waits.declined:
                        until = offer_ends(self.now)
                        waits.offer = Taken(
                            "", waits.who, time, waits.means, waits.language, resources, "offered", until
                        )
                        self.taken.append(waits.offer)
                        break

    def open(self, who: int) -> int:
        return sum(t.who == who and t.kind == "booked" for t in self.taken)

    def mine(self, who: int, time: str, means: str) -> Taken | None:
        return next((t for t in self.live() if (t.who, t.time, t.means) == (who, time, means)), None)

    def entry(self, who: int) -> Waits | None:
        return next((w for w in self.line if w.who == who), None)

    def booked(self, one: Taken) -> None:
        """Whoever has booked does not wait any longer."""
        one.kind, one.until = "booked", None
        self.fulfilled(one)

    def fulfilled(self, one: Taken) -> None:
        entry = self.entry(one.who)
        if entry is not None:
            self.line.remove(entry)
            if entry.offer is not None and entry.offer is not one:
                entry.offer.kind = "over"
                self.serve()


def slot_id(time: str, means: str) -> str:
    return f"mettmann:{DAY}T{time}" + ("" if means == "on_site" else f":{means}")


people = st.sampled_from(PEOPLE)
times = st.sampled_from(TIMES)
means = st.sampled_from(("on_site", "phone"))
languages = st.sampled_from((None, "ar"))
which = st.integers(0, 5)


class Machine(RuleBasedStateMachine):
    empty = None  # the file of an empty store, set by the test

    @initialize()
    def begin(self) -> None:
        self.folder = TemporaryDirectory()
        copyfile(self.empty, f"{self.folder.name}/m.db")
        self.store = Store(f"sqlite:///{self.folder.name}/m.db", office(), {"mettmann": CALENDAR}, synchronous="OFF")
        self.model = Model()
        with self.store.begin() as work:
            self.ids = [start_conversation(work, channel="web", now=MONDAY).id for _ in PEOPLE]
            work.commit()

    def teardown(self) -> None:
        if hasattr(self, "store"):
            self.store.close()
            self.folder.cleanup()

    def do(self, act):
        """Return what `act(work)` returns, or the class of what it raises; either way it is committed."""
        with self.store.begin() as work:
            try:
                result = act(work)
            except OfficeError as error:
                result = type(error)
            work.commit()
            return result

    def person(self, work, who: int):
        return get_conversation(work, self.ids[who])

    @rule(minutes=st.sampled_from((1, 9, 11, 200)))
    def time_goes_by(self, minutes: int) -> None:
        self.model.now += timedelta(minutes=minutes)

    @rule()
    def somebody_looks_after_the_list(self) -> None:
        self.do(lambda work: pass_on(work, "mettmann", self.model.now))
        self.model.lapse()
        self.model.serve()

    @rule(who=people, time=times, means=means, language=languages)
    def hold(self, who: int, time: str, means: str, language: str | None) -> None:
        wish = Wish(interpreter=language)
        got = self.do(lambda w: hold(w, slot_id(time, means), self.person(w, who), wish, self.model.now))
        model = self.model
        model.lapse()
        if (there := model.mine(who, time, means)) is not None:
            assert got.duplicate and (there.id in (got.id, ""))
        elif model.open(who) >= MAX_OPEN:
            assert got is TooManyAppointments
        elif sum(t.who == who and t.kind == "held" for t in model.live()) >= MAX_HOLDS:
            assert got is TooManyHolds
        elif (resources := model.pick(time, means, language)) is None:
            assert got is SlotTaken
        else:
            until = model.now + timedelta(minutes=10)
            assert got.held_until == until
            model.taken.append(Taken(got.id, who, time, means, language, resources, "held", until))

    @precondition(lambda self: self.some("held", "offered", "over", "booked"))
    @rule(which=which)
    def confirm(self, which: int) -> None:
        """Confirm a hold or an offer, whatever became of it."""
        one = self.one_of(which, "held", "offered", "over", "booked")
        who = one.who
        id = one.id or (self._offer(who) if one.kind == "offered" else "none")
        got = self.do(lambda w: confirm(w, id, self.person(w, who), self.model.now))
        model = self.model
        if one.kind == "booked":
            assert got.duplicate
            return
        model.lapse()
        if one.kind == "over":
            assert got is HoldExpired or got.duplicate
        elif model.open(who) >= MAX_OPEN:
            assert got is TooManyAppointments
        else:
            assert (got.state, got.duplicate) == ("booked", False)
            one.id = got.id
            model.booked(one)

    def _offer(self, who: int) -> str:
        with self.store.read() as work:
            offer = offer_of(work, self.person(work, who), self.model.now)
            return offer.id if offer else "none"

    @precondition(lambda self: any(t.kind == "held" for t in self.model.live()))
    @rule(which=which)
    def release(self, which: int) -> None:
        held = [t for t in self.model.live() if t.kind == "held"]
        there = held[which % len(held)]
        self.do(lambda w: release_hold(w, w.session.get(Appointment, there.id), self.model.now))
        self.model.lapse()
        there.kind = "over"
        self.model.serve()

    @rule(who=people, time=times, means=means, language=languages)
    def book(self, who: int, time: str, means: str, language: str | None) -> None:
        got = self.do(
            lambda w: book(
                w, slot_id(time, means), self.person(w, who), topic="other", now=self.model.now, language=language
            )
        )
        model = self.model
        model.lapse()
        there = model.mine(who, time, means)
        if there is not None and there.kind == "booked":
            assert got.duplicate
        elif model.open(who) >= MAX_OPEN:
            assert got is TooManyAppointments
        elif there is not None:
            assert got.state == "booked"
            there.id = got.id
            model.booked(there)
        elif (resources := model.pick(time, means, language)) is None:
            assert got is SlotTaken
        else:
            one = Taken(got.id, who, time, means, language, resources, "booked")
            model.taken.append(one)
            model.booked(one)

    def some(self, *kinds: str) -> list[Taken]:
        return [t for t in self.model.taken if t.kind in kinds]

    def one_of(self, which: int, *kinds: str) -> Taken:
        # The newest are the most interesting.
        found = self.some(*kinds)[::-1]
        return found[which % len(found)]

    @precondition(lambda self: self.some("booked"))
    @rule(which=which, by=st.sampled_from(("person", "office")))
    def cancel(self, which: int, by: str) -> None:
        one = self.one_of(which, "booked")
        got = self.do(lambda w: cancel(w, get_appointment(w, one.id), self.model.now, by=by))
        assert got.state == f"cancelled_by_{by}"
        self.model.lapse()
        one.kind = "cancelled"
        self.model.serve()

    @precondition(lambda self: self.some("booked"))
    @rule(which=which, time=times, means=means)
    def move(self, which: int, time: str, means: str) -> None:
        one = self.one_of(which, "booked")
        who = one.who
        got = self.do(lambda w: move(w, get_appointment(w, one.id), slot_id(time, means), self.model.now))
        model = self.model
        model.lapse()
        there = model.mine(who, time, means)
        if there is one:
            assert got.id == one.id
            return
        if there is not None and there.kind == "booked":
            # Two appointments of one person at one time: only where there is room for both.
            there = None
        if there is not None:
            resources, there.kind, language = there.resources, "over", there.language
        else:
            resources, language = model.pick(time, means, one.language, ignoring=one), one.language
        if resources is None:
            assert got is SlotTaken
            return
        assert got.id == one.id
        one.time, one.means, one.resources, one.language = time, means, resources, language
        entry = model.entry(who)
        if entry is not None:
            model.line.remove(entry)
            if entry.offer is not None:
                entry.offer.kind = "over"
        model.serve()

    @rule(who=people, means=means, language=languages)
    def join(self, who: int, means: str, language: str | None) -> None:
        wish = Wish.on(DAY, means=means, interpreter=language)
        got = self.do(lambda w: join(w, self.person(w, who), "mettmann", wish, self.model.now))
        model = self.model
        model.lapse()
        if model.open(who) >= MAX_OPEN:
            assert got is WaitingError
            return
        entry = model.entry(who)
        assert got.duplicate is (entry is not None)
        if entry is None:
            model.line.append(Waits(who, means, language))
        else:
            if entry.offer is not None:
                entry.offer.kind = "over"
            entry.means, entry.language, entry.offer, entry.declined = means, language, None, ()
        model.serve()

    @precondition(lambda self: self.model.line)
    @rule(who=people)
    def decline(self, who: int) -> None:
        got = self.do(lambda w: decline(w, self.person(w, who), self.model.now))
        model = self.model
        entry = model.entry(who)
        if entry is not None:
            model.lapse()
        entry = model.entry(who)
        if entry is None or entry.offer is None:
            assert got is WaitingError
            return
        entry.declined += (slot_id(entry.offer.time, entry.offer.means),)
        entry.offer.kind, entry.offer = "over", None
        model.serve()

    @precondition(lambda self: self.model.line)
    @rule(who=people)
    def leave(self, who: int) -> None:
        self.do(lambda w: leave(w, self.person(w, who), self.model.now))
        model = self.model
        if model.entry(who) is None:
            return
        model.lapse()
        if (entry := model.entry(who)) is not None:
            model.line.remove(entry)
            if entry.offer is not None:
                entry.offer.kind = "over"
        model.serve()

    @invariant()
    def both_agree(self) -> None:
        if not hasattr(self, "store"):
            return
        now = self.model.now
        with self.store.read() as work:
            rows = work.session.execute(
                select(Allocation.resource_id, Allocation.quantum_start, Allocation.expires_at)
            ).all()
            line = [
                (self.ids.index(entry.conversation_id), entry.state)
                for entry in work.session.scalars(select(Waiting).order_by(Waiting.id))
                if waiting_of(work, get_conversation(work, entry.conversation_id), now) is entry
            ]
        taken = {
            (id.removeprefix("mettmann:").replace("file:", ""), start)
            for id, start, expires in rows
            if expires is None or expires > now
        }
        wanted = set()
        for one in self.model.live():
            start = datetime.combine(DAY, datetime.strptime(one.time, "%H:%M").time(), BERLIN)
            for resource in one.resources:
                wanted |= {(resource, start), (resource, start + timedelta(minutes=15))}
        assert taken == {(resource, start.astimezone(ZoneInfo("UTC"))) for resource, start in wanted}
        assert line == [
            (w.who, "offered" if w.offer else "waiting")
            for w in self.model.line
            if w.offer is None or w.offer.until > now
        ]


@pytest.fixture(scope="module")
def empty(tmp_path_factory):
    path = tmp_path_factory.mktemp("model") / "empty.db"
    store = Store(f"sqlite:///{path}", office(), {"mettmann": CALENDAR})
    store.migrate()
    store.close()
    return path


def run(empty, monkeypatch, examples: int, steps: int) -> None:
    from hypothesis.stateful import run_state_machine_as_test

    # This limit has a test of its own; here it would end every long story.
    monkeypatch.setattr(limits, "HOLDS_AN_HOUR", 10**6)
    monkeypatch.setattr(Machine, "empty", empty)
    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_hold_confirm_expire_cancel_move_and_waiting_agree_with_the_model(empty, monkeypatch):
    run(empty, monkeypatch, examples=40, steps=40)


@pytest.mark.slow
def test_long_stories_agree_with_the_model(empty, monkeypatch):
    run(empty, monkeypatch, examples=200, steps=60)


def test_a_time_that_comes_free_at_this_moment_is_offered_to_the_person_who_moves_there(empty, monkeypatch):
    """Found by the machine: the hold ran out, the list offered its time to the same person, who then was refused it."""
    monkeypatch.setattr(limits, "HOLDS_AN_HOUR", 10**6)
    monkeypatch.setattr(Machine, "empty", empty)
    machine = Machine()
    machine.begin()
    try:
        machine.book(language=None, means="on_site", time="08:30", who=1)
        machine.hold(language=None, means="on_site", time="09:00", who=0)
        machine.join(language=None, means="on_site", who=0)
        machine.confirm(which=0)
        machine.join(language=None, means="on_site", who=0)
        machine.time_goes_by(minutes=200)
        machine.move(means="on_site", time="09:00", which=0)
        machine.both_agree()
    finally:
        machine.teardown()
