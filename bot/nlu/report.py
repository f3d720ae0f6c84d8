"""How well messages are understood: `python -m bot.nlu.report` (in the Rasa environment).

Without `--heldout` the training examples are judged by cross-validation (each by a model that has not seen it); with
`--heldout FILE.tsv` (text TAB intent TAB language TAB facts, one message a line) messages that are not in the training data.
The components are configured by config.yml, so what is measured is what runs. `--rasa` and `--diet` let Rasa itself train our
pipeline and its default one on the same examples and read the same messages. Which language a message is in is judged by
`python -m bot.language_report` (in the other environment; `make nlu-report` runs both).
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import yaml

from bot.emergency import load_emergency
from bot.nlu import pictures
from bot.nlu.decision import DEFAULTS, decide, threshold_for
from bot.nlu.examples import DataError, Example, read_heldout, read_training
from bot.nlu.lexicon import ROOT
from bot.nlu.linear import IntentModel, Options
from bot.nlu.meanings import Meanings, concepts_in
from bot.nlu.normalise import normalise, words

FOLDS = 5
SEED = 11
NOT_UNDERSTOOD = "nlu_fallback"
# A wrong answer given with at least this probability misleads; below, the person is warned by the asking back.
CONFIDENT = 0.7
# The day on which held-out messages are read ('tomorrow', '3 October').
DAY = date(2024, 3, 13)
# The kinds of facts whose values are judged; the others (a topic, child care) only steer one conversation.
MEASURED = frozenset(
    {
        "residence_status",
        "duration",
        "month",
        "day",
        "activity",
        "procedure",
        "site",
        "language",
        "language_level",
        "country",
    }
)


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
    facts: frozenset[tuple[str, str]] = frozenset()
    danger: bool = False
    """Whether the list of danger words (bot/emergency.py) speaks up, too."""

    @property
    def best(self) -> str:
        """The likeliest intent."""
        return self.ranking[0][0]


def settings(path: Path = ROOT / "config.yml") -> dict[str, Any]:
    """Return what config.yml sets for the classifier."""
    pipeline = yaml.safe_load(path.read_text(encoding="utf-8"))["pipeline"]
    for component in pipeline:
        if component["name"].endswith("LinearIntentClassifier"):
            return {**DEFAULTS, **component}
    raise DataError(f"{path.name} names no LinearIntentClassifier.")


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
        self.emergency = load_emergency()

    def learn(self, examples: Sequence[Example]) -> IntentModel:
        """Return a model that knows these examples."""
        model = IntentModel(Options(cost=self.config["cost"], most_wrong=self.config["most_wrong"]))
        texts = [example.text for example in examples]
        return model.fit(texts, [self.meanings.of(text) for text in texts], [example.intent for example in examples])

    def judge(self, model: IntentModel, example: Example) -> Judged:
        """Return what the model makes of a message."""
        began = perf_counter()
        meant = self.meanings.of(example.text)
        guess = model.guess(example.text, meant)
        length = len(words(normalise(example.text)))
        rules = {key: self.config[key] for key in ("margin", "least_known", "early", "unnamed", "perhaps")}
        threshold = threshold_for(model.sure, self.config["threshold"], self.config["most_threshold"])
        acted = decide(
            guess.ranking, guess.known, threshold=threshold, concepts=concepts_in(meant), length=length, **rules
        )
        asks_back = "clarified" if guess.known >= self.config["least_known"] else "refused"
        outcome = asks_back if acted is None else "answered"
        seconds = perf_counter() - began
        facts: frozenset[tuple[str, str]] = frozenset()
        if example.facts is not None:
            heard = self.meanings.ear.hear(example.text, today=DAY, intent=acted or "nlu_fallback")
            facts = frozenset((fact.entity, fact.value) for fact in heard if fact.entity in MEASURED)
        danger = self.emergency.kind(example.text) is not None
        return Judged(example, tuple(guess.ranking), acted, outcome, seconds, facts, danger)


def cross_validate(judge: Judge, examples: Sequence[Example], count: int = FOLDS) -> list[Judged]:
    """Judge each example with a model that has not seen it."""
    found: list[Judged] = []
    for learned, held in folds(examples, count):
        model = judge.learn([examples[i] for i in learned])
        found.extend(judge.judge(model, examples[i]) for i in held)
    return found


def transferred(judge: Judge, examples: Sequence[Example]) -> list[Judged]:
    """Judge each language with a model that learned the others only: what its lexicon columns are worth alone."""
    found: list[Judged] = []
    for language in sorted({example.language for example in examples}):
        model = judge.learn([example for example in examples if example.language != language])
        found.extend(judge.judge(model, example) for example in examples if example.language == language)
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


def facts_f1(judged: Sequence[Judged]) -> float:
    """Return the F1 of facts with their values, over the messages whose facts are known; 0 if there is none."""
    known = [one for one in judged if one.example.facts is not None]
    right = sum(len(one.facts & (one.example.facts or frozenset())) for one in known)
    total = sum(len(one.facts) + len(one.example.facts or ()) for one in known)
    return 2 * right / total if total else 0.0


def calibration(judged: Sequence[Judged], count: int = 10) -> tuple[list[tuple[float, float, int]], float]:
    """Return bins of (mean probability, share right, messages) and the mean distance between the first two."""
    bins: dict[int, list[Judged]] = defaultdict(list)
    for one in judged:
        bins[min(int(one.ranking[0][1] * count), count - 1)].append(one)
    found = [
        (
            sum(one.ranking[0][1] for one in group) / len(group),
            share(group, lambda one: one.best == one.example.intent),
            len(group),
        )
        for _, group in sorted(bins.items())
    ]
    total = sum(size for _, _, size in found) or 1
    return found, sum(abs(chance - right) * size for chance, right, size in found) / total


def zones(judged: Sequence[Judged]) -> Iterator[str]:
    """Yield what other thresholds would mean: how many messages are answered, how many of all wrongly."""
    yield "threshold  answered  wrong"
    for step in range(5, 20):
        limit = step / 20
        sure = [one for one in judged if one.ranking[0][1] >= limit]
        wrong = sum(one.best != one.example.intent for one in sure)
        yield f"{limit:9.2f}  {len(sure) / len(judged):8.3f}  {wrong / len(judged):5.3f}"


def figures(judged: Sequence[Judged]) -> dict[str, float]:
    """Return the figures of one group of messages, each a share of 1 except `messages` and `ms` (median)."""
    danger = [one for one in judged if one.example.intent == "emergency"]
    calm = [one for one in judged if one.example.intent != "emergency"]
    outside = [one for one in judged if one.example.intent == "out_of_scope"]
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
        "emergency": share(danger, lambda one: one.acted == "emergency" or one.danger),
        "false_alarm": share(calm, lambda one: one.acted == "emergency" or one.danger),
        "out_of_scope": share(outside, lambda one: one.acted in (None, "out_of_scope")),
        "facts": facts_f1(judged),
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
        known = any(one.example.facts is not None for one in groups[name])
        cells = [
            f"{row[key]:.0f}" if key == "messages" else "–" if key == "facts" and not known else f"{row[key]:.3f}"
            for key in names
        ]
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


def parser() -> argparse.ArgumentParser:
    """Return what the command line understands."""
    found = argparse.ArgumentParser(prog="python -m bot.nlu.report", description=(__doc__ or "").split("\n")[0])
    found.add_argument("--data", type=Path, default=ROOT / "data" / "nlu", help="folder of the training data")
    found.add_argument("--heldout", type=Path, help="messages to judge: text TAB intent TAB language [TAB facts]")
    found.add_argument("--folds", type=int, default=FOLDS, help="of the cross-validation without --heldout")
    found.add_argument("--transfer", action="store_true", help="judge each language by what the others teach")
    found.add_argument("--examples", type=int, default=0, help="mistaken messages to show for each pair of intents")
    found.add_argument("--pairs", type=int, default=15, help="pairs of mistaken intents to show for each language")
    found.add_argument("--picture", type=Path, help="write the calibration picture (SVG) here")
    found.add_argument("--rasa", action="store_true", help="let Rasa train and run config.yml, too (time, memory)")
    found.add_argument("--diet", action="store_true", help="let Rasa train and run its default pipeline (DIET), too")
    found.add_argument("--epochs", type=int, default=100, help="of DIET; Rasa's default is 100")
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the report; return 2 where a file cannot be read."""
    chosen = parser().parse_args(arguments)
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
        began = perf_counter()
        model = judge.learn(training)
        sys.stdout.write(f"learned {len(training)} examples in {perf_counter() - began:.0f} s\n")
        judged = [judge.judge(model, example) for example in heldout]
    elif chosen.transfer:
        judged = transferred(judge, training)
    else:
        judged = cross_validate(judge, training, chosen.folds)
    for line in report(judged, chosen.pairs, chosen.examples):
        sys.stdout.write(line + "\n")
    if chosen.picture:
        chosen.picture.write_text(pictures.calibration(*calibration(judged)), encoding="utf-8")
    for name in [name for name, wanted in (("config.yml", chosen.rasa), ("default", chosen.diet)) if wanted]:
        for line in by_rasa(name, training, heldout, chosen.epochs):
            sys.stdout.write(line + "\n")
    return 0


def report(judged: Sequence[Judged], pairs: int, shown: int) -> Iterator[str]:
    """Yield the lines of the report."""
    yield from table(judged)
    yield ""
    yield from zones(judged)
    yield f"calibration: mean error {calibration(judged)[1]:.3f}"
    for language, group in by_language(judged).items():
        yield f"\n{language}: weakest intents (recall)"
        yield from weakest(group)
        yield f"{language}: mistaken for (wanted -> understood)"
        yield from confusions(group, pairs, shown)


def by_rasa(config: str, training: Sequence[Example], heldout: Sequence[Example], epochs: int) -> Iterator[str]:
    """Yield what Rasa makes of the same messages with another pipeline, in a process of its own.

    Without held-out messages a fifth of the training examples is held back.
    """
    if not heldout:
        learned, held = next(iter(folds(training, FOLDS)))
        training, heldout = [training[i] for i in learned], [training[i] for i in held]
    with tempfile.TemporaryDirectory() as folder:
        data, table_, out = Path(folder) / "nlu.yml", Path(folder) / "held.tsv", Path(folder) / "out.json"
        write_training(training, data)
        table_.write_text("".join(f"{e.text}\t{e.intent}\t{e.language}\n" for e in heldout), encoding="utf-8")
        command = [sys.executable, "-m", "bot.nlu.rasa_run", config, str(data), str(table_), str(out)]
        done = subprocess.run(  # noqa: S603 (our own module)
            [*command, "--epochs", str(epochs)], cwd=ROOT, capture_output=True, text=True, errors="replace"
        )
        if done.returncode:
            yield f"\n{config}: failed\n{done.stderr[-1500:]}"
            return
        found = json.loads(out.read_text(encoding="utf-8"))
    emergency = load_emergency() if config != "default" else None
    judged = []
    for example, read in zip(heldout, found["messages"], strict=True):
        ranking = [(name, chance) for name, chance in read["ranking"] if name != NOT_UNDERSTOOD] or [("", 0.0)]
        acted = None if read["intent"] in (None, NOT_UNDERSTOOD) else read["intent"]
        outcome = "answered" if acted else "clarified"
        # the list of danger words belongs to our assistant, not to Rasa's default pipeline
        danger = emergency is not None and emergency.kind(example.text) is not None
        judged.append(Judged(example, tuple(ranking), acted, outcome, read["ms"] / 1000, danger=danger))
    yield f"\n{config} trained and run by Rasa: training {found['train_s']:.0f} s, file {found['model_mb']:.1f} MB,"
    yield f"memory {found['memory_mb']:.0f} MB (training and reading in one process), {len(training)} examples"
    yield from table(judged)


def write_training(examples: Sequence[Example], path: Path) -> None:
    """Write examples as one file of Rasa's format."""
    texts: dict[str, list[str]] = defaultdict(list)
    for example in examples:
        texts[example.intent].append(example.text)
    blocks = [{"intent": intent, "examples": "".join(f"- {t}\n" for t in found)} for intent, found in texts.items()]
    path.write_text(yaml.safe_dump({"version": "3.1", "nlu": blocks}, allow_unicode=True), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
