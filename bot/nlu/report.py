"""How well messages are understood: `python -m bot.nlu.report` (in the Rasa environment).

Without `--heldout` the training examples are judged by cross-validation (each by a model that has not seen it); with
`--heldout FILE.tsv` (text TAB intent TAB language, one message a line) messages that are not in the training data.
The components are configured by config.yml, so what is measured is what runs.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import yaml

from bot.nlu.decision import decide
from bot.nlu.lexicon import ROOT
from bot.nlu.linear import IntentModel, Options
from bot.nlu.meanings import Meanings

FOLDS = 5
SEED = 11
# A wrong answer given with at least this probability misleads; below, the person is warned by the asking back.
CONFIDENT = 0.7


class DataError(ValueError):
    """A file of messages that cannot be read as meant; the message names file and line."""


@dataclass(frozen=True)
class Example:
    """A message and what it wants."""

    text: str
    intent: str
    language: str


@dataclass(frozen=True)
class Judged:
    """What was made of an example.

    `acted` is the intent acted on, None if there is none; `outcome` is then clarified (asks back: words were known) or
    refused (nothing of it was known), else answered.
    """

    example: Example
    ranking: tuple[tuple[str, float], ...]
    acted: str | None
    outcome: str
    seconds: float

    @property
    def best(self) -> str:
        """The likeliest intent."""
        return self.ranking[0][0]


def settings(path: Path = ROOT / "config.yml") -> dict[str, Any]:
    """Return what config.yml sets for the classifier."""
    pipeline = yaml.safe_load(path.read_text(encoding="utf-8"))["pipeline"]
    for component in pipeline:
        if component["name"].endswith("LinearIntentClassifier"):
            return {"threshold": 0.3, "margin": 0.05, "least_known": 0.35, "early": {}, "cost": 0.5, **component}
    raise DataError(f"{path.name} names no LinearIntentClassifier.")


def read_training(folder: Path) -> list[Example]:
    """Return the examples of `<folder>/<language>/*.yml` in Rasa's format."""
    found = []
    for path in sorted(folder.glob("*/*.yml")):
        for block in yaml.safe_load(path.read_text(encoding="utf-8")).get("nlu") or []:
            for line in (block.get("examples") or "").splitlines():
                text = line.strip().removeprefix("-").strip()
                if text and "intent" in block:
                    found.append(Example(text, block["intent"], path.parent.name))
    return found


def read_heldout(path: Path) -> list[Example]:
    """Return the messages of a file with the columns text, intent, language; raise DataError for another line."""
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        columns = [column.strip() for column in line.split("\t")]
        if len(columns) != 3 or not all(columns):
            raise DataError(f"{path.name}, line {number}: expected text, intent and language, each after a tab.")
        if columns != ["text", "intent", "lang"]:
            found.append(Example(*columns))
    return found


def folds(examples: Sequence[Example], count: int) -> Iterator[tuple[list[int], list[int]]]:
    """Yield (learned, judged) positions; each intent of each language is spread over all folds."""
    import numpy as np

    cells: dict[tuple[str, str], list[int]] = defaultdict(list)
    for position in np.random.default_rng(SEED).permutation(len(examples)):
        example = examples[int(position)]
        cells[example.language, example.intent].append(int(position))
    fold_of = [0] * len(examples)
    for cell in cells.values():
        for rank, position in enumerate(cell):
            fold_of[position] = rank % count
    for fold in range(count):
        yield (
            [i for i in range(len(examples)) if fold_of[i] != fold],
            [i for i in range(len(examples)) if fold_of[i] == fold],
        )


class Judge:
    """Learns and judges with the lexicon and the settings of the running assistant."""

    def __init__(self, config: dict[str, Any]) -> None:
        self.config = config
        self.meanings = Meanings.shipped()

    def learn(self, examples: Sequence[Example]) -> IntentModel:
        """Return a model that knows these examples."""
        model = IntentModel(Options(cost=self.config["cost"]))
        texts = [example.text for example in examples]
        return model.fit(texts, [self.meanings.of(text) for text in texts], [example.intent for example in examples])

    def judge(self, model: IntentModel, example: Example) -> Judged:
        """Return what the model makes of a message."""
        began = perf_counter()
        guess = model.guess(example.text, self.meanings.of(example.text))
        rules = {key: self.config[key] for key in ("threshold", "margin", "least_known", "early")}
        acted = decide(guess.ranking, guess.known, **rules)
        asks_back = "clarified" if guess.known >= self.config["least_known"] else "refused"
        outcome = asks_back if acted is None else "answered"
        return Judged(example, tuple(guess.ranking), acted, outcome, perf_counter() - began)


def cross_validate(judge: Judge, examples: Sequence[Example], count: int = FOLDS) -> list[Judged]:
    """Judge each example with a model that has not seen it."""
    found: list[Judged] = []
    for learned, held in folds(examples, count):
        model = judge.learn([examples[i] for i in learned])
        found.extend(judge.judge(model, examples[i]) for i in held)
    return found


# -- figures -----------------------------------------------------------------------------------------------------


def macro_f1(pairs: Iterable[tuple[str, str]]) -> float:
    """Return the mean F1 over the intents that are wanted or guessed; pairs of (wanted, guessed)."""
    wanted: Counter[str] = Counter()
    guessed: Counter[str] = Counter()
    right: Counter[str] = Counter()
    for want, guess in pairs:
        wanted[want] += 1
        guessed[guess] += 1
        right[want] += want == guess
    names = set(wanted) | set(guessed)
    if not names:
        return 0.0
    return sum(2 * right[name] / (wanted[name] + guessed[name]) for name in names) / len(names)


def share(judged: Sequence[Judged], test: Any) -> float:
    """Return the share of the judged messages that pass a test; 0 without any."""
    return sum(1 for one in judged if test(one)) / len(judged) if judged else 0.0


def figures(judged: Sequence[Judged]) -> dict[str, float]:
    """Return the figures of one group of messages, each a share of 1 except `messages` and `ms` (median)."""
    danger = [one for one in judged if one.example.intent == "emergency"]
    return {
        "messages": len(judged),
        "accuracy": share(judged, lambda one: one.best == one.example.intent),
        "macro_f1": macro_f1((one.example.intent, one.best) for one in judged),
        "top3": share(judged, lambda one: one.example.intent in [name for name, _ in one.ranking[:3]]),
        "answered": share(judged, lambda one: one.outcome == "answered"),
        "clarified": share(judged, lambda one: one.outcome == "clarified"),
        "refused": share(judged, lambda one: one.outcome == "refused"),
        "answered_wrong": share(judged, lambda one: one.acted not in (None, one.example.intent)),
        "confidently_wrong": share(
            judged, lambda one: one.acted not in (None, one.example.intent) and one.ranking[0][1] >= CONFIDENT
        ),
        "emergency_recall": share(danger, lambda one: one.acted == "emergency"),
        "ms": median(one.seconds for one in judged) * 1000 if judged else 0.0,
    }


def by_language(judged: Sequence[Judged]) -> dict[str, list[Judged]]:
    """Return the judged messages of each language, in the order of the codes."""
    groups: dict[str, list[Judged]] = defaultdict(list)
    for one in judged:
        groups[one.example.language].append(one)
    return dict(sorted(groups.items()))


def table(judged: Sequence[Judged]) -> Iterator[str]:
    """Yield the lines of the table: one row a language, and all together."""
    groups = {**by_language(judged), "all": list(judged)}
    rows = {name: figures(group) for name, group in groups.items()}
    names = list(next(iter(rows.values())))
    yield "  ".join(["lang", *names])
    for name, row in rows.items():
        cells = [f"{row[key]:.0f}" if key == "messages" else f"{row[key]:.3f}" for key in names]
        yield "  ".join([f"{name:4}", *(f"{cell:>{len(key)}}" for key, cell in zip(names, cells, strict=True))])


def weakest(judged: Sequence[Judged], count: int = 12) -> Iterator[str]:
    """Yield the intents with the lowest recall of a language."""
    wanted: dict[str, list[Judged]] = defaultdict(list)
    for one in judged:
        wanted[one.example.intent].append(one)
    recalls = {name: share(group, lambda one: one.best == one.example.intent) for name, group in wanted.items()}
    for name in sorted(recalls, key=lambda name: (recalls[name], name))[:count]:
        yield f"  {recalls[name]:.2f} {name}"


def confusions(judged: Sequence[Judged], count: int = 15, shown: int = 0) -> Iterator[str]:
    """Yield the pairs of intents most often mistaken, wanted -> understood, with examples if `shown`."""
    pairs: dict[tuple[str, str], list[Judged]] = defaultdict(list)
    for one in judged:
        if one.best != one.example.intent:
            pairs[one.example.intent, one.best].append(one)
    for pair in sorted(pairs, key=lambda pair: (-len(pairs[pair]), pair))[:count]:
        yield f"  {len(pairs[pair]):3} {pair[0]} -> {pair[1]}"
        for one in sorted(pairs[pair], key=lambda one: -one.ranking[0][1])[:shown]:
            yield f"        {one.ranking[0][1]:.2f} {one.example.text}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the report; return 2 where a file cannot be read."""
    parser = argparse.ArgumentParser(prog="python -m bot.nlu.report", description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=Path, default=ROOT / "data" / "nlu", help="folder of the training data")
    parser.add_argument("--heldout", type=Path, help="messages to judge: text TAB intent TAB language")
    parser.add_argument("--folds", type=int, default=FOLDS, help="of the cross-validation without --heldout")
    parser.add_argument("--examples", type=int, default=0, help="mistaken messages to show for each pair of intents")
    parser.add_argument("--pairs", type=int, default=15, help="pairs of mistaken intents to show for each language")
    chosen = parser.parse_args(arguments)
    try:
        training = read_training(chosen.data)
        heldout = read_heldout(chosen.heldout) if chosen.heldout else []
        judge = Judge(settings())
    except (OSError, ValueError, yaml.YAMLError) as problem:
        sys.stderr.write(f"{problem}\n")
        return 2
    if chosen.heldout and not heldout:
        sys.stderr.write(f"{chosen.heldout.name} holds no message.\n")
        return 2
    if chosen.heldout:
        model = judge.learn(training)
        judged = [judge.judge(model, example) for example in heldout]
    else:
        judged = cross_validate(judge, training, chosen.folds)
    for line in report(judged, chosen.pairs, chosen.examples):
        sys.stdout.write(line + "\n")
    return 0


def report(judged: Sequence[Judged], pairs: int, shown: int) -> Iterator[str]:
    """Yield the lines of the report."""
    yield from table(judged)
    for language, group in by_language(judged).items():
        yield f"\n{language}: weakest intents (recall)"
        yield from weakest(group)
        yield f"{language}: mistaken for (wanted -> understood)"
        yield from confusions(group, pairs, shown)


if __name__ == "__main__":
    sys.exit(main())
