"""A crowd of clients in several processes, one of them killed in the middle: the proof of bench/booking.py, smaller."""

from dataclasses import replace

import pytest

from bench.booking import Result, Size, check, prepare, run, world

SMALL = Size(attempts=400, processes=3, threads=6, times=30, killed_after=60)


@pytest.mark.slow
def test_a_crowd_books_nothing_twice_on_sqlite(tmp_path):
    result = run(f"sqlite:///{tmp_path / 'crowd.db'}", SMALL, tmp_path)
    assert result.faults == []
    assert result.booked > 50
    assert result.outcomes["SlotTaken"] > 50


@pytest.mark.slow
def test_a_crowd_books_nothing_twice_on_postgresql(postgres_url, tmp_path):
    result = run(postgres_url, SMALL, tmp_path)
    assert result.faults == []
    assert result.booked > 50


def test_the_comparison_finds_what_is_wrong(tmp_path):
    """A proof that cannot fail proves nothing: here it is shown what it would say."""
    url = f"sqlite:///{tmp_path / 'wrong.db'}"
    size = replace(SMALL, attempts=2)
    slot = prepare(url, size)[0]
    store = world(url)
    with store.begin() as work:
        from sqlalchemy import text

        from bench.booking import NOW, person
        from office.appointments import book
        from office.conversations import get_conversation

        one, other = (
            book(work, slot, get_conversation(work, person(n)), topic="x", now=NOW, language="ar") for n in range(2)
        )
        # What the database would never let happen by itself: the second one half an hour long on the first's adviser.
        work.session.execute(text("DELETE FROM allocation WHERE appointment_id = :id"), {"id": other.id})
        work.session.execute(
            text(
                "INSERT INTO allocation SELECT resource_id, datetime(quantum_start, '+1 day'), :id, NULL"
                " FROM allocation WHERE appointment_id = :one AND resource_id LIKE '%adviser%'"
            ),
            {"id": other.id, "one": one.id},
        )
        work.session.execute(text("DELETE FROM outbox WHERE key LIKE :key"), {"key": f"notify:{one.id}%"})
        work.commit()
    store.close()
    told = [{"attempt": n, "end": False, "told": id} for n, id in enumerate((one.id, "lost"))]
    ends = [{"attempt": n, "end": True, "outcome": "fault: dead-lock", "ms": 1.0} for n in range(2)]
    result = Result()
    check(url, size, told + ends, result)
    words = "\n".join(result.faults)
    assert "is in two places" in words
    assert "and needs" in words
    assert "attempt 0 has no confirmation" in words
    assert "attempt 1 was told of lost, which is not booked" in words
    assert words.count("dead-lock") == 2
