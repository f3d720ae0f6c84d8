"""A round of the honest curve: messages nobody trained on are judged first, and the figures are kept.

`python -m bot.nlu.rounds held.tsv --name "round 3"` (in the Rasa environment) learns everything in data/nlu, judges the messages,
appends a row per language to docs/nlu-curve.tsv and draws docs/nlu-curve.svg; afterwards the messages may join the training data.
`--data` looks at the training data instead: counts per cell, near-duplicates, examples claimed by two intents, wrong language.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from bot import language_model
from bot.nlu import pictures
from bot.nlu.examples import Example, read_heldout, read_training
from bot.nlu.lexicon import ROOT
from bot.nlu.normalise import normalise, words
from bot.nlu.report import Judge, Judged, by_language, figures, report, settings

CURVE = ROOT / "docs" / "nlu-curve.tsv"
KEPT = (
    "messages",
    "accuracy",
    "macro_f1",
    "top3",
    "answered",
    "answered_wrong",
    "confidently_wrong",
    "emergency",
    "facts",
)
HEAD = ("round", "lang", "examples", *KEPT)
PICTURED = "macro_f1"
# Shorter messages are alike by nature.
LEAST_WORDS = 4
# So sure must the other language be, of a message of at least LEAST_WORDS words, to be called a mix-up.
SURE = 0.99
WANTED = 60  # examples of a cell below which it is listed


# -- the curve ---------------------------------------------------------------------------------------------------


def rows(name: str, judged: Sequence[Judged], training: Sequence[Example]) -> Iterator[list[str]]:
    """Yield the rows of a round: one per language, and one for all."""
    counts = Counter(example.language for example in training)
    for language, group in {**by_language(judged), "all": list(judged)}.items():
        found = figures(group)
        examples = len(training) if language == "all" else counts[language]
        values = [f"{found[key]:.0f}" if key == "messages" else f"{found[key]:.3f}" for key in KEPT]
        yield [name, language, str(examples), *values]


def read_curve(path: Path) -> list[dict[str, str]]:
    """Return the rows kept so far; none if there is no file."""
    if not path.exists():
        return []
    lines = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines() if line]
    return [dict(zip(lines[0], line, strict=True)) for line in lines[1:]]


def add_round(path: Path, found: Sequence[Sequence[str]]) -> None:
    """Append the rows of a round (a round of the same name is replaced) and draw the picture beside the file."""
    name = found[0][0]
    kept = [[row[key] for key in HEAD] for row in read_curve(path) if row["round"] != name]
    lines = ["\t".join(row) for row in [HEAD, *kept, *found]]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    path.with_suffix(".svg").write_text(drawn(read_curve(path)), encoding="utf-8")


def drawn(curve: Sequence[dict[str, str]]) -> str:
    """Return the picture of the curve."""
    names = list(dict.fromkeys(row["round"] for row in curve))
    languages = sorted({row["lang"] for row in curve}, key=lambda code: (code == "all", code))
    value = {(row["round"], row["lang"]): float(row[PICTURED]) for row in curve}
    lines = {language: [value.get((name, language)) for name in names] for language in languages}
    return pictures.curve(lines, names, "macro-F1 on messages not seen before")


# -- the training data -------------------------------------------------------------------------------------------


def counts(examples: Sequence[Example], wanted: int = WANTED) -> Iterator[str]:
    """Yield how many examples each language has, and its cells with few."""
    cells = Counter((example.language, example.intent) for example in examples)
    intents = sorted({example.intent for example in examples})
    for language in sorted({example.language for example in examples}):
        sizes = [cells[language, intent] for intent in intents]
        yield f"{language}: {sum(sizes)} examples, {min(sizes)} to {max(sizes)} per intent"
        few = [f"{intent} {cells[language, intent]}" for intent in intents if cells[language, intent] < wanted]
        if few:
            yield f"  fewer than {wanted}: {', '.join(few)}"


def near_duplicates(examples: Sequence[Example]) -> list[tuple[Example, Example]]:
    """Return pairs of one intent and language that have the same words, or all but one of them."""
    seen: dict[tuple[str, str, tuple[str, ...]], Example] = {}
    found: list[tuple[Example, Example]] = []
    for example in examples:
        tokens = tuple(sorted(words(normalise(example.text))))
        keys = [tokens]
        if len(tokens) >= LEAST_WORDS + 1:
            keys += [tokens[:i] + tokens[i + 1 :] for i in range(len(tokens))]
        twin = next((seen[key] for left in keys if (key := (example.language, example.intent, left)) in seen), None)
        if twin is not None:
            found.append((twin, example))
        for left in keys:
            seen.setdefault((example.language, example.intent, left), example)
    return found


def claimed_twice(examples: Sequence[Example]) -> list[tuple[str, list[str]]]:
    """Return the messages that stand under more than one intent of a language, with these intents."""
    intents: dict[tuple[str, str], dict[str, None]] = defaultdict(dict)
    for example in examples:
        intents[example.language, " ".join(words(normalise(example.text)))][example.intent] = None
    return [(text, list(found)) for (_, text), found in intents.items() if len(found) > 1]


def mixed_up(examples: Sequence[Example]) -> list[tuple[Example, str]]:
    """Return examples that look like another language, each judged by a model that learned the other half."""
    found = []
    for half in (0, 1):
        learned = [(e.language, e.text) for i, e in enumerate(examples) if i % 2 != half]
        model = language_model.learn(learned)
        for example in examples[half::2]:
            tokens = language_model.words(example.text)
            scores = model.scores(tokens) if len(tokens) >= LEAST_WORDS else {}
            best = max(scores, key=lambda code: scores[code], default="")
            code = best.removesuffix(language_model.LATIN)
            if best and code != example.language and scores[best] >= SURE and model.known(tokens) > 0.6:
                found.append((example, code))
    return found


def data_report(examples: Sequence[Example], shown: int) -> Iterator[str]:
    """Yield what is to be said about the training data."""
    yield from counts(examples)
    twins = near_duplicates(examples)
    yield f"\nnear-duplicates (same words, or all but one): {len(twins)}"
    yield from (f"  {one.language} {one.intent}: {one.text}  ~  {other.text}" for one, other in twins[:shown])
    twice = claimed_twice(examples)
    yield f"\nclaimed by two intents: {len(twice)}"
    yield from (f"  {text}: {', '.join(intents)}" for text, intents in twice[:shown])
    strange = mixed_up(examples)
    yield f"\nlooks like another language: {len(strange)}"
    yield from (f"  {one.language} looks like {code}: {one.text}" for one, code in strange[:shown])


def main(arguments: Sequence[str] | None = None) -> int:
    """Judge a round, or look at the training data."""
    parser = argparse.ArgumentParser(prog="python -m bot.nlu.rounds", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("heldout", type=Path, nargs="?", help="messages: text TAB intent TAB language [TAB facts]")
    parser.add_argument("--name", help="name of the round; without it nothing is kept")
    parser.add_argument("--curve", type=Path, default=CURVE)
    parser.add_argument("--training", type=Path, default=ROOT / "data" / "nlu")
    parser.add_argument("--data", action="store_true", help="look at the training data")
    parser.add_argument("--shown", type=int, default=20, help="lines of each kind")
    chosen = parser.parse_args(arguments)
    if chosen.heldout is None and not chosen.data:
        parser.error("name a file of messages, or --data")
    try:
        training = read_training(chosen.training)
        heldout = read_heldout(chosen.heldout) if chosen.heldout else []
    except (OSError, ValueError) as problem:
        sys.stderr.write(f"{problem}\n")
        return 2
    if chosen.data:
        for line in data_report(training, chosen.shown):
            sys.stdout.write(line + "\n")
    if heldout:
        judge = Judge(settings())
        model = judge.learn(training)
        judged = [judge.judge(model, example) for example in heldout]
        for line in report(judged, 15, 3):
            sys.stdout.write(line + "\n")
        if chosen.name:
            add_round(chosen.curve, list(rows(chosen.name, judged, training)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
