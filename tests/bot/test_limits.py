"""Token buckets fill again with time and keep names apart."""

from __future__ import annotations

from bot import limits
from bot.limits import Limit


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_bucket_empties_and_fills_again() -> None:
    clock = Clock()
    limit = Limit(6, clock)
    assert [limit.take("a") for _ in range(7)] == [True] * 6 + [False]
    clock.now += 10
    assert [limit.take("a") for _ in range(2)] == [True, False]
    clock.now += 3600
    assert [limit.take("a") for _ in range(7)] == [True] * 6 + [False]


def test_names_do_not_share_a_bucket() -> None:
    limit = Limit(1, Clock())
    assert limit.take("a") and limit.take("b") and not limit.take("a")


def test_zero_means_no_limit() -> None:
    assert all(Limit(0, Clock()).take("a") for _ in range(1000))


def test_old_buckets_are_dropped(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(limits, "KEPT", 2)
    limit = Limit(1, Clock())
    for name in "abc":
        limit.take(name)
    assert limit.take("a") and not limit.take("c")
