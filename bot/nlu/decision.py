"""Whether a message was understood well enough to act on it; standard library only."""

from __future__ import annotations


def decide(
    ranking: list[tuple[str, float]],
    known: float,
    *,
    threshold: float,
    margin: float,
    least_known: float,
    early: dict[str, float],
) -> str | None:
    """Return the intent to act on, or None for 'not understood'.

    `threshold`: least probability of the best intent; `margin`: least distance to the second; `least_known`: least
    share of the message made of words or concepts the model has met. `early`: intents acted on from a lower
    probability, whatever else is likelier (danger must not be missed).
    """
    for intent, chance in ranking:
        if intent in early and chance >= early[intent]:
            return intent
    if not ranking or known < least_known:
        return None
    best, chance = ranking[0]
    second = ranking[1][1] if len(ranking) > 1 else 0.0
    return best if chance >= threshold and chance - second >= margin else None
