"""Whether a message was understood well enough to act on it; standard library only."""

from __future__ import annotations

from collections.abc import Collection

# What config.yml may change.
DEFAULTS = {
    "threshold": 0.4,
    "most_threshold": 0.8,
    "most_wrong": 0.03,
    "margin": 0.05,
    "least_known": 0.35,
    "early": {},
    "perhaps": {},
    "unnamed": 0.3,
    "cost": 0.5,
}
# Concepts that name a danger by themselves; help, hurry, the police, a child or a man alone do not, nor do thanks, a letter or a bridge.
DANGERS = frozenset({
    "ACCIDENT", "AFRAID", "ALL_TAKEN", "AMBULANCE", "BAD_MUSHROOMS", "BLOOD", "BREATHE", "BURNT", "CHILD_MISSING", "CRUSHED", "CUTS_SELF",
    "DANGER", "DIE", "FAREWELL", "FELL_DOWN", "FOLLOWED", "HEART", "HIT", "HITS_ME", "IN_THE_LORRY", "KILL", "LABOUR", "LOCKED_IN", "NO_TOMORROW",
    "NUMB_SIDE", "PALE_BLUE", "POISON", "PULLED_IN_CAR", "RAILS", "RAPE", "ROPE", "SHAKING_FIT", "SMOKE_GAS", "STUCK_IN_THROAT",
    "SUICIDE_WISH", "SWOLLEN", "THREAT", "UNCONSCIOUS", "VIOLENCE", "VOICES", "WATER_EDGE", "WEAPON",
})  # fmt: skip
# Said in passing: a message that goes on behind them wants something else.
POLITE = frozenset({"greet", "thank", "goodbye"})
# Answered with a bare sentence, so nobody would notice what else the message may mean.
SMALL_TALK = POLITE | {"out_of_scope", "bot_challenge", "ask_capabilities", "ask_privacy"}
FEW_WORDS = 4
# From this probability on, what stands behind a greeting is rather asked about than passed over.
LEAST_WISH = 0.03


def wishes(ranking: list[tuple[str, float]], length: int, early: Collection[str] = ()) -> list[tuple[str, float]]:
    """Return the ranking without greeting, thanks and farewell if they only lead up to a wish; otherwise as it is.

    `length`: how many words the message has. What is left shares the probabilities, as if nobody had been greeted. An `early` intent
    is no such wish: a farewell that faintly sounds like danger stays one.
    """
    rest = [(intent, chance) for intent, chance in ranking if intent not in POLITE]
    if not rest or ranking[0][0] not in POLITE or length <= FEW_WORDS:
        return ranking
    if rest[0][0] in early or rest[0][1] < LEAST_WISH:
        return ranking
    polite = sum(chance for intent, chance in ranking if intent in POLITE)
    return [(intent, chance / max(1.0 - polite, chance)) for intent, chance in rest]


def to_ask_about(ranking: list[tuple[str, float]]) -> list[tuple[str, float]]:
    """Return what may be offered when asking back: never a greeting beside a real wish."""
    if not any(chance >= LEAST_WISH for intent, chance in ranking if intent not in POLITE):
        return ranking
    return [(intent, chance) for intent, chance in ranking if intent not in POLITE]


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
    unnamed: float,
    perhaps: dict[str, float] | None = None,
    concepts: Collection[str] = (),
    length: int = 0,
) -> str | None:
    """Return the intent to act on, or None for 'not understood'.

    `threshold`: least probability of the best intent; `margin`: least distance to the second; `least_known`: least
    share of the message made of words or concepts the model has met. `early`: intents acted on from a lower
    probability, whatever else is likelier (danger must not be missed); a message of few words ('a man') must name a danger by one of
    its `concepts`, or the intent be the best with at least the probability `unnamed`. `perhaps`: intents that small talk of more than a few
    words is rather asked about than taken for granted, from their probability on ('thank you for everything, the cat is at the neighbour's').
    `length`: how many words it has.
    """
    named = not DANGERS.isdisjoint(concepts)
    for place, (intent, chance) in enumerate(ranking):
        if chance >= early.get(intent, 2.0) and (named or length > FEW_WORDS or (place == 0 and chance >= unnamed)):
            return intent
    ranking = wishes(ranking, length, early)
    if not ranking or known < least_known:
        return None
    best, chance = ranking[0]
    if (
        best in SMALL_TALK
        and length > FEW_WORDS
        and any(one >= (perhaps or {}).get(name, 2.0) for name, one in ranking)
    ):
        return None
    second = ranking[1][1] if len(ranking) > 1 else 0.0
    return best if chance >= threshold and chance - second >= margin else None
