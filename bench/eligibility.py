"""How fast the rules answer: python -m bench.eligibility (medians over the worked cases, in milliseconds)."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import yaml

from eligibility import calendar, evaluate, next_question

ROOT = Path(__file__).parents[1]
CASES = ROOT / "tests" / "eligibility" / "cases"
# what is promised (issue 3), in milliseconds
LIMITS = {"evaluate": 1.0, "next_question": 5.0, "calendar": 50.0, "start": 300.0}


def cases() -> list[tuple[str, dict[str, Any], date]]:
    """Return (topic, facts, day) of every worked case."""
    return [
        (path.parent.name, case["facts"], case["as_of"])
        for path in sorted(CASES.glob("*/*.yml"))
        for case in yaml.safe_load(path.read_text(encoding="utf-8"))
    ]


def timed(call: Callable[[], object]) -> float:
    """Return the milliseconds of the fastest of three calls (the machine is shared)."""
    times = []
    for _ in range(3):
        begin = perf_counter()
        call()
        times.append((perf_counter() - begin) * 1000)
    return min(times)


def measure() -> dict[str, float]:
    """Return the medians."""
    found: dict[str, list[float]] = {name: [] for name in LIMITS}
    for topic, facts, on in cases():
        told = dict(list(facts.items())[: len(facts) // 2])
        found["evaluate"].append(timed(lambda t=topic, f=facts, d=on: evaluate(t, f, d)))
        found["next_question"].append(timed(lambda t=topic, f=told, d=on: next_question(t, f, d)))
    for topic, facts, on in cases()[::10]:
        found["calendar"].append(timed(lambda t=topic, f=facts, d=on: calendar(t, f, d)))
    command = [sys.executable, "-m", "eligibility", "work_permission", "--on", "2024-07-01", "--facts", "-"]
    for _ in range(5):
        found["start"].append(
            timed(lambda: subprocess.run(command, cwd=ROOT, input=b"{}", capture_output=True, check=True))
        )
    return {name: median(times) for name, times in found.items()}


def main() -> int:
    """Print the medians beside what is promised; 1 if one is missed."""
    missed = 0
    for name, value in measure().items():
        missed += value > LIMITS[name]
        print(f"{name:14} {value:8.3f} ms   promised: under {LIMITS[name]:.0f} ms")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
