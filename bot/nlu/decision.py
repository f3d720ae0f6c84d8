"""Whether a message was understood well enough to act on it; standard library only."""

from __future__ import annotations

# What config.yml may change.
DEFAULTS = {
    "threshold": 0.4,
    "most_threshold": 0.8,
    "most_wrong": 0.03,
    "margin": 0.05,
    "least_known": 0.35,
    "early": {},
    "cost": 0.5,
}


def threshold_for(sure: float, least: float, most: float) -> float:
    """Return the threshold of a model: what it measured itself, within the bounds of config.yml.

    More and better examples lower it by themselves; the upper bound keeps the assistant from asking back all the time while
    there are few.
    """
    return min(max(sure, least), most)


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
