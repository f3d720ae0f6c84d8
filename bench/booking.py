"""Many people want the same times: `python -m bench booking` prints what it costs and whether anything went wrong.

50 clients in several processes make 10,000 attempts on 200 times with 5 advisers, 4 rooms and 3
interpreters; one of the processes is killed in the middle and goes on from where its own notes end. Then
the database is read with plain SQL and compared with what the clients were told. tests/office runs the
same at smaller size.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import random
import signal
import statistics
import sys
import tempfile
import threading
import time as clock
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import insert, text

from bench import postgres
from office.appointments import book, cancel, confirm, get_appointment, hold, move
from office.calendars import Calendar, Member
from office.conversations import get_conversation, start_conversation
from office.errors import OtherSlots, SlotTaken
from office.sites import Site, sites
from office.slots import Wish, search
from office.store import Store
from office.tables import Conversation

NOW = datetime(2024, 7, 1, 9, 0, tzinfo=ZoneInfo("Europe/Berlin"))
SITE = "mettmann"
LANGUAGES = ("ar", "fa", "ku")
CALENDAR = Calendar(
    SITE,
    means=("on_site", "phone", "video"),
    advisers=tuple(Member(f"a{n}") for n in range(5)),
    rooms=tuple(Member(f"r{n}") for n in range(4)),
    interpreters=(
        Member("one", ("ar",), "f"),
        Member("two", ("ar", "fa"), "m"),
        Member("three", ("ku",), "f"),
    ),
)

MINE = "SELECT id FROM appointment WHERE conversation_id = :who AND state = 'booked'"


@dataclass(frozen=True)
class Size:
    """How much is tried."""

    attempts: int = 10_000
    processes: int = 5
    threads: int = 10
    times: int = 200
    # After how many attempts of its own the first process is killed; 0: it lives.
    killed_after: int = 700


@dataclass
class Result:
    """What came of it; `faults` are sentences, none if all went well."""

    seconds: float = 0.0
    milliseconds: list[float] = field(default_factory=list)
    outcomes: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    faults: list[str] = field(default_factory=list)
    booked: int = 0


def world(url: str, *, synchronous: str = "FULL") -> Store:
    """Return the store of an office with three scarce resources."""
    site = sites()[SITE]
    return Store(url, {SITE: site}, {SITE: CALENDAR}, synchronous=synchronous)


# clients -------------------------------------------------------------------------------------------------------


def person(number: int) -> str:
    """Return the conversation of an attempt: everybody tries once, so that nobody's limit is reached."""
    return f"person-{number:06}"


def prepare(url: str, size: Size, seed: int = 1) -> list[str]:
    """Create tables and people; return the ids of the times that are wanted."""
    store = world(url)
    store.migrate()
    rows = [
        {
            "id": person(number),
            "channel": "web",
            "language": "de",
            "language_chosen": False,
            "owner": "bot",
            "urgent": False,
            "reminders": True,
            "created_at": NOW,
            "last_message_at": NOW,
        }
        for number in range(size.attempts)
    ]
    with store.begin() as work:
        work.session.execute(insert(Conversation), rows)
        found = [slot.id for slot in search(work, SITE, NOW, n=size.times)]
        work.commit()
    store.close()
    return found


class Notes:
    """What one process was told by the database, written down before anything else happens."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)

    def write(self, **line: Any) -> None:
        # One write is whole or not there at all, also if the process is killed.
        os.write(self._file, (json.dumps(line) + "\n").encode())


def read_notes(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the lines of a process's notes."""
    if path.exists():
        for line in path.read_text().splitlines():
            yield json.loads(line)


def client(url: str, path: Path, slots: list[str], numbers: list[int], size: Size, killed_after: int) -> None:
    """One process: threads that take the attempts not yet noted, and note what came of each."""
    done = {line["attempt"] for line in read_notes(path) if line["end"]}
    todo = iter([number for number in numbers if number not in done])
    notes, lock, store = Notes(path), threading.Lock(), world(url)
    made = 0

    def take() -> int | None:
        nonlocal made
        with lock:
            made += 1
            if killed_after and made > killed_after:
                os.kill(os.getpid(), signal.SIGKILL)
            return next(todo, None)

    def run() -> None:
        while (number := take()) is not None:
            attempt(store, notes, slots, number)

    threads = [threading.Thread(target=run) for _ in range(size.threads)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    store.close()


def attempt(store: Store, notes: Notes, slots: list[str], number: int) -> None:
    """Try once, and note how long it took and what came of it; the same number always tries the same."""
    dice = random.Random(number)
    slot = dice.choice(slots) + dice.choice(("", "", ":phone", ":video"))
    language = dice.choice((None, "ar", "ar", "fa", "ku"))
    way = dice.choice((booking, booking, booking, holding, twice, cancelling, moving))
    began = clock.perf_counter()
    try:
        outcome = way(store, notes, number, slot, language, dice.choice(slots))
    except OtherSlots as error:
        outcome = type(error).__name__
    except Exception as error:
        outcome = f"fault: {type(error).__name__}: {str(error)[:200]}"
    took = (clock.perf_counter() - began) * 1000
    notes.write(attempt=number, end=True, outcome=outcome, ms=took)


def booking(store: Store, notes: Notes, number: int, slot: str, language: str | None, _other: str) -> str:
    with store.begin() as work:
        found = book(
            work,
            slot,
            get_conversation(work, person(number)),
            topic="work",
            now=NOW,
            language=language,
            key=f"{number}",
        )
        work.commit()
    notes.write(attempt=number, end=False, told=found.id, starts_at=found.starts_at.isoformat())
    return "booked"


def holding(store: Store, notes: Notes, number: int, slot: str, language: str | None, _other: str) -> str:
    with store.begin() as work:
        wish = Wish(topic="work", interpreter=language)
        held = hold(work, slot, get_conversation(work, person(number)), wish, NOW, key=f"{number}")
        work.commit()
    with store.begin() as work:
        found = confirm(work, held.id, get_conversation(work, person(number)), NOW + timedelta(minutes=1))
        work.commit()
    notes.write(attempt=number, end=False, told=found.id, starts_at=found.starts_at.isoformat())
    return "held and confirmed"


def twice(store: Store, notes: Notes, number: int, slot: str, language: str | None, other: str) -> str:
    booking(store, notes, number, slot, language, other)
    booking(store, notes, number, slot, language, other)
    return "tapped twice"


def cancelling(store: Store, notes: Notes, number: int, slot: str, language: str | None, other: str) -> str:
    booking(store, notes, number, slot, language, other)
    notes.write(attempt=number, end=False, changing=True)
    with store.begin() as work:
        mine = work.session.execute(
            text(MINE),
            {"who": person(number)},
        ).scalar()
        if mine:
            cancel(work, get_appointment(work, mine), NOW)
        work.commit()
    return "booked and cancelled"


def moving(store: Store, notes: Notes, number: int, slot: str, language: str | None, other: str) -> str:
    booking(store, notes, number, slot, language, other)
    notes.write(attempt=number, end=False, changing=True)
    with store.begin() as work:
        mine = work.session.execute(
            text(MINE),
            {"who": person(number)},
        ).scalar()
        try:
            move(work, get_appointment(work, str(mine)), other, NOW)
        except SlotTaken:
            return "booked, not moved"
        work.commit()
    return "booked and moved"


# the run -------------------------------------------------------------------------------------------------------


def run(url: str, size: Size, folder: Path) -> Result:
    """Let the clients loose, kill one of them, let it go on, and compare."""
    slots = prepare(url, size)
    context = multiprocessing.get_context("spawn")
    shares = [list(range(size.attempts))[share :: size.processes] for share in range(size.processes)]
    paths = [folder / f"notes-{share}" for share in range(size.processes)]

    def start(share: int, killed_after: int) -> Any:
        arguments = (url, paths[share], slots, shares[share], size, killed_after)
        process = context.Process(target=client, args=arguments)
        process.start()
        return process

    began = clock.perf_counter()
    processes = [start(share, 0 if share else size.killed_after) for share in range(size.processes)]
    if size.killed_after:
        processes[0].join()
        assert processes[0].exitcode == -signal.SIGKILL, processes[0].exitcode
        processes[0] = start(0, 0)
    for process in processes:
        process.join()
    result = Result(seconds=clock.perf_counter() - began)
    for path in paths:
        for line in read_notes(path):
            if line["end"]:
                result.milliseconds.append(line["ms"])
                result.outcomes[line["outcome"]] += 1
    check(url, size, [line for path in paths for line in read_notes(path)], result)
    return result


# the comparison ------------------------------------------------------------------------------------------------


def check(url: str, size: Size, notes: list[dict[str, Any]], result: Result) -> None:
    """Compare the database, read with plain SQL, with what the clients were told."""
    with world(url).connection() as connection:
        query = (
            "SELECT a.id, a.conversation_id, a.language, a.means, a.starts_at, a.ends_at, a.state, l.resource_id,"
            " count(*) FROM appointment a LEFT JOIN allocation l ON l.appointment_id = a.id"
            " WHERE a.state != 'held' GROUP BY 1, 2, 3, 4, 5, 6, 7, 8"
        )
        rows = connection.execute(text(query)).fetchall()
        kept = connection.execute(text("SELECT key FROM outbox WHERE kind = 'notify'")).scalars().all()
        lost = connection.execute(
            text(
                "SELECT count(*) FROM allocation WHERE expires_at IS NULL AND appointment_id NOT IN"
                " (SELECT id FROM appointment WHERE state = 'booked')"
            )
        ).scalar()
    booked = {row[0]: row for row in rows if row[6] == "booked"}
    result.booked = len(booked)
    result.faults += _ended(notes, size)
    result.faults += _overlaps(rows)
    result.faults += _incomplete(rows)
    result.faults += _broken_promises(notes, booked, set(kept))
    if lost:
        result.faults.append(f"{lost} quarters belong to no booked appointment")


def _ended(notes: list[dict[str, Any]], size: Size) -> Iterator[str]:
    ended = [line for line in notes if line["end"]]
    if len({line["attempt"] for line in ended}) != size.attempts:
        yield f"{size.attempts} attempts, {len(ended)} ends"
    for line in ended:
        if line["outcome"].startswith("fault"):
            yield f"attempt {line['attempt']}: {line['outcome']}"


def _overlaps(rows: Any) -> Iterator[str]:
    """Reckoned from beginnings and ends, not from the quarters that the rule of the database is about."""
    times: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
    for row in rows:
        if row[6] == "booked" and row[7]:
            times[row[7]].append((str(row[4]), str(row[5]), row[0]))
    for resource, taken in times.items():
        taken.sort()
        for (_, end, one), (start, _, other) in pairwise(taken):
            if start < end:
                yield f"{resource} is in two places: {one} and {other}"


def _incomplete(rows: Any) -> Iterator[str]:
    parts: dict[tuple[str, str | None, str], list[tuple[str, int]]] = defaultdict(list)
    for row in rows:
        if row[6] == "booked":
            parts[row[0], row[2], row[3]].append((str(row[7]), row[8]))
    speak = {f"{SITE}:interpreter:file:{one.handle}": one.languages for one in CALENDAR.interpreters}
    for (id, language, means), has in parts.items():
        kinds = sorted(resource.split(":")[1] for resource, _ in has)
        wanted = ["adviser", *(["interpreter"] if language else []), *(["room"] if means == "on_site" else [])]
        if kinds != wanted:
            yield f"{id} has {kinds} and needs {wanted}"
        if any(count != 2 for _, count in has):
            yield f"{id} does not have its whole half hour"
        if any(language not in speak.get(resource, (language,)) for resource, _ in has):
            yield f"{id} has an interpreter who does not speak {language}"


def _broken_promises(notes: list[dict[str, Any]], booked: Mapping[str, Any], outbox: set[str]) -> Iterator[str]:
    changing = {line["attempt"] for line in notes if line.get("changing")}
    told: dict[int, set[str]] = defaultdict(set)
    for line in notes:
        if "told" in line:
            told[line["attempt"]].add(line["told"])
    for number, ids in told.items():
        if len(ids) > 1 and number not in changing:
            yield f"attempt {number} was told of {len(ids)} appointments"
        for id in ids:
            if number not in changing and id not in booked:
                yield f"attempt {number} was told of {id}, which is not booked"
            if f"notify:{id}:booked:0" not in outbox:
                yield f"attempt {number} has no confirmation"
    owners = [row[1] for row in {row[0]: row for row in booked.values()}.values()]
    for who in {owner for owner in owners if owners.count(owner) > 1}:
        yield f"{who} has two appointments"


# figures -------------------------------------------------------------------------------------------------------


def percentile(values: list[float], part: float) -> float:
    """Return the value below which this part of them lies."""
    return sorted(values)[min(len(values) - 1, int(len(values) * part))]


def proof(name: str, url: str, size: Size) -> bool:
    """Run once and print the figures; return whether all went well."""
    with tempfile.TemporaryDirectory() as folder:
        result = run(url, size, Path(folder))
    rate = size.attempts / result.seconds
    clients = size.processes * size.threads
    print(f"{name}: {size.attempts} attempts by {clients} clients, one of {size.processes} processes killed")
    print(
        f"  {result.seconds:.1f} s, {rate:.0f} attempts/s, p50 {percentile(result.milliseconds, 0.5):.0f} ms,"
        f" p99 {percentile(result.milliseconds, 0.99):.0f} ms, longest {max(result.milliseconds):.0f} ms"
    )
    print(f"  {result.booked} booked at the end; {dict(sorted(result.outcomes.items()))}")
    for fault in result.faults[:10]:
        print(f"  FAULT {fault}")
    print(f"  double bookings, lost confirmations, dead-locks: {len(result.faults)}")
    return not result.faults


def big_office() -> tuple[Site, Calendar]:
    """Return an office with 20 advisers and 10 interpreters."""
    advisers = tuple(Member(f"a{n:02}") for n in range(20))
    languages = ("ar", "fa", "ku", "ckb", "ti")
    interpreters = tuple(Member(f"i{n}", languages[n % 5 :][:2], "f" if n % 2 else "m") for n in range(10))
    rooms = tuple(Member(f"r{n:02}") for n in range(18))
    calendar = Calendar(SITE, ("on_site", "phone"), advisers=advisers, rooms=rooms, interpreters=interpreters)
    return replace(sites()[SITE]), calendar


def figures(url: str) -> None:
    """Print how long a search and a booking take in a big office, empty, half full and full."""
    site, calendar = big_office()
    store = Store(url, {SITE: site}, {SITE: calendar})
    store.migrate()
    everything = 20 * len(_search(store, Wish(), 100_000))
    took = Times()
    wish = Wish(interpreter="ar")
    print("promised: a search under 20 ms, a booking under 10 ms (8 weeks, 20 advisers, 10 interpreters, 18 rooms)")
    for share in (0.0, 0.5, 0.9):
        _fill(store, int(everything * share), took)
        print(f"{share:.0%} booked: the first three times: {_timed(lambda: _search(store, wish, 3))}")
        print(f"{share:.0%} booked: every free time:     {_timed(lambda: _search(store, wish, 100_000))}")
    print(f"booking, {len(took.clock)} one after the other: {took}")
    store.close()


def _search(store: Store, wish: Wish, n: int) -> list[Any]:
    with store.read() as work:
        return search(work, SITE, NOW, wish, n=n)


def _fill(store: Store, wanted: int, took: Times) -> None:
    """Book until so many are booked; every fourth by phone, every fifth with an interpreter."""
    dice = random.Random(7)
    with store.read() as work:
        there = work.session.execute(text("SELECT count(*) FROM appointment")).scalar() or 0
    lists: dict[Wish, list[Any]] = {}
    for number in range(there, wanted):
        wish = Wish(means="phone" if number % 4 == 0 else "on_site", interpreter="ar" if number % 5 == 0 else None)
        if number % 200 < 20 or wish not in lists:
            # Looked up anew for the first of each kind; the others take what was left of it.
            free = _search(store, wish, 100_000)
            lists[wish] = dice.sample(free, len(free))
        _book_one(store, wish, lists[wish], took)


def _book_one(store: Store, wish: Wish, free: list[Any], took: Times) -> None:
    with store.begin() as work:
        who = start_conversation(work, channel="web", now=NOW).id
        work.commit()

    def book_it() -> None:
        with store.begin() as work:
            conversation = get_conversation(work, who)
            book(work, free.pop().id, conversation, topic="work", now=NOW, language=wish.interpreter, key="k")
            work.commit()

    while free:
        try:
            took.take(book_it)
        except SlotTaken:
            continue
        return


@dataclass
class Times:
    """Milliseconds on the clock, and those the processor was at work for us: a shared machine stretches the first."""

    clock: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)

    def take(self, call: Callable[[], Any]) -> None:
        """Run a call; if it raises, it is not counted."""
        began, at_work = clock.perf_counter(), clock.process_time()
        call()
        self.clock.append((clock.perf_counter() - began) * 1000)
        self.processor.append((clock.process_time() - at_work) * 1000)

    def __str__(self) -> str:
        return (
            f"median {statistics.median(self.clock):.1f} ms, p95 {percentile(self.clock, 0.95):.1f} ms"
            f" (processor {statistics.median(self.processor):.1f} ms)"
        )


def _timed(call: Callable[[], Any], times: int = 40) -> Times:
    call()
    found = Times()
    for _ in range(times):
        found.take(call)
    return found


def main(arguments: list[str] | None = None) -> int:
    """Print the figures, then the proof on SQLite and, where it is installed, on PostgreSQL."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--attempts", type=int, default=Size.attempts)
    parser.add_argument("--only", choices=("figures", "sqlite", "postgresql"))
    options = parser.parse_args([] if arguments is None else arguments)
    size = Size(attempts=options.attempts, killed_after=min(Size.killed_after, options.attempts // 15))
    good = True
    with tempfile.TemporaryDirectory() as folder:
        if options.only in (None, "figures"):
            figures(f"sqlite:///{folder}/figures.db")
        if options.only in (None, "sqlite"):
            good &= proof("SQLite", f"sqlite:///{folder}/proof.db", size)
    if options.only in (None, "postgresql"):
        if reason := postgres.missing():
            print(f"PostgreSQL: left out, {reason}")
        else:
            with postgres.server() as url:
                good &= proof("PostgreSQL", url, size)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
