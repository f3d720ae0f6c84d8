"""What a message means word by word, in no language: its concepts, which of them follow each other, the kinds of facts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bot.nlu.entities import ear_for
from bot.nlu.lexicon import FOLDER, Lexicon, Match, Row, read_folder
from bot.nlu.normalise import normalise, words

# Each name begins with the letter of its block (bot/nlu/linear.py).
CONCEPT, FOLLOWS, FACT = "k", "f", "e"
# Concepts with at most so many words between them are taken together, each with at most so many of the next ones.
GAP, NEXT = 3, 13
# Facts whose value tells something about the wish; of the others the kind does.
TELLING = frozenset({"activity", "procedure", "topic", "benefit"})
LONGEST = 400  # words


class Meanings:
    """The two lexicons, compiled; made once."""

    def __init__(self, concepts: Iterable[Row], entities: Iterable[Row]) -> None:
        self.lexicon = Lexicon(concepts, fuzzy=True)
        self.ear = ear_for(entities)

    @classmethod
    def shipped(cls) -> Meanings:
        """Read both lexicons from their folders."""
        return cls(read_folder(FOLDER / "concepts"), read_folder(FOLDER / "entities"))

    def of(self, text: str) -> list[str]:
        """Return the names of everything a message means, each once."""
        matches = self.lexicon.find(words(normalise(text))[:LONGEST])
        facts = self.ear.hear(text)
        names = {f"{CONCEPT}{match.meaning}": None for match in matches}
        names.update({f"{FOLLOWS}{pair}": None for pair in _following(matches)})
        names.update({f"{FACT}{fact.entity}": None for fact in facts})
        names.update({f"{FACT}{fact.entity}={fact.value}": None for fact in facts if fact.entity in TELLING})
        return list(names)


def concepts_in(names: Sequence[str]) -> list[str]:
    """Return the concepts among the names."""
    return [name[1:] for name in names if name[0] == CONCEPT]


def _following(matches: Sequence[Match]) -> set[str]:
    places = sorted({(match.start, match.end, match.meaning) for match in matches})
    return {
        f"{first}>{second}"
        for i, (_, end, first) in enumerate(places)
        for start, _, second in places[i + 1 : i + 1 + NEXT]
        if 0 <= start - end <= GAP
    }
