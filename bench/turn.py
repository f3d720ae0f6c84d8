"""A turn through everything with a custom action, against Rasa's default pipeline without any action."""

from __future__ import annotations

import json
import statistics
import tempfile
import time
import urllib.request
from pathlib import Path

from bench.stack import ROOT, Running, assistant, memory_mb, rasa_alone, train

TURNS = 300
WARM_UP = 30
TURNS_PER_CONVERSATION = 10
QUESTIONS = (
    "Ist Mettmann am Mittwoch geöffnet?",
    "هل المكتب في ميتمان مفتوح يوم الأربعاء؟",
    "Is the office in Mettmann open on Friday?",
    "Ich habe eine Duldung seit 5 Monaten, darf ich als Küchenhilfe arbeiten?",
    "Welche Unterlagen brauche ich für die Arbeitserlaubnis?",
)


def post(url: str, body: dict[str, object]) -> tuple[object, float]:
    """Send JSON; return the answer and the milliseconds it took."""
    data = json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"})
    began = time.perf_counter()
    with urllib.request.urlopen(request, timeout=60) as answer:
        text = answer.read()
    took = (time.perf_counter() - began) * 1000
    return json.loads(text), took


def compare(ours: Running, reference: Running) -> tuple[list[float], list[float]]:
    """Let both have a conversation in turns, so that what else the machine does falls on both; milliseconds of each.

    Whole conversations, not single turns: two installations that push each other out of the processor's memory
    at every turn are nobody's case.
    """
    mine: list[float] = []
    theirs: list[float] = []
    for number in range((WARM_UP + TURNS) // TURNS_PER_CONVERSATION):
        began = number * TURNS_PER_CONVERSATION
        mine_now = _our_conversation(ours, began)
        theirs_now = _their_conversation(reference, number)
        if began >= WARM_UP:
            mine += mine_now
            theirs += theirs_now
    return mine, theirs


def _our_conversation(ours: Running, began: int) -> list[float]:
    times = []
    conversation: str | None = None
    for number in range(began, began + TURNS_PER_CONVERSATION):
        question = QUESTIONS[number % len(QUESTIONS)]
        answer, took = post(f"{ours.url}/api/chat", {"conversation": conversation, "text": question})
        assert isinstance(answer, dict) and answer["messages"], answer
        assert answer["messages"][0]["response"] != "system.unavailable", answer
        conversation = answer["conversation"]
        times.append(took)
    return times


def _their_conversation(reference: Running, number: int) -> list[float]:
    times = []
    for _ in range(TURNS_PER_CONVERSATION):
        # the text of the same length goes through the whole pipeline, the rule answers from the domain
        other, took = post(
            f"{reference.url}/webhooks/rest/webhook",
            {"sender": f"reference-{number}", "message": "Tschüss und vielen Dank, bis bald"},
        )
        assert isinstance(other, list)
        times.append(took)
    return times


def spread(values: list[float]) -> str:
    """Median and 95th percentile in words."""
    return f"median {statistics.median(values):.1f} ms, p95 {statistics.quantiles(values, n=20)[-1]:.1f} ms"


def main() -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _, own_s = train(ROOT / "config.yml", folder, "own")
        print(f"training, own pipeline: {own_s:.0f} s")
        model, reference_s = train(ROOT / "bench" / "default_config.yml", folder, "reference")
        print(f"training, Rasa's default pipeline (1 epoch instead of 100): {reference_s:.0f} s")
        with rasa_alone(model, folder) as reference, assistant(folder) as ours:
            first = time.perf_counter()
            post(f"{ours.url}/api/chat", {"text": "Hallo"})
            first_s = ours.started_s + time.perf_counter() - first
            print(f"start to first answer: {first_s:.0f} s (Rasa's default alone: {reference.started_s:.0f} s)")
            mine, theirs = compare(ours, reference)
            ratio = statistics.median(theirs) / statistics.median(mine)
            print(f"turn, everything with a custom action: {spread(mine)}")
            print(f"turn, Rasa's default without an action: {spread(theirs)}")
            print(f"ratio: {ratio:.2f} times faster")
            print(f"memory: all processes {memory_mb(ours.pid):.0f} MB")
            print(f"memory: Rasa's default alone {memory_mb(reference.pid):.0f} MB")


if __name__ == "__main__":
    main()
