"""How well languages are told apart: `python -m bot.language_report [held.tsv]` (text TAB intent TAB language).

Without a file the training examples are judged, each by a model of letter groups that has not seen it.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from bot import language_model, languages
from bot.nlu.examples import Example, read_heldout, read_training

FOLDS = 4


def judged(examples: Sequence[Example]) -> Iterator[tuple[Example, str | None, int]]:
    """Yield each example with the language it looks like and its number of words."""
    for example in examples:
        found = languages.guess(example.text)
        yield example, found.language, len(language_model.words(example.text))


def cross_validated(examples: Sequence[Example]) -> Iterator[tuple[Example, str | None, int]]:
    """Yield the same with models that learned the other examples."""
    forms = [pair for pair in language_model.examples() if len(pair[1].split()) < 4]
    official = languages.official_words()
    for fold in range(FOLDS):
        learned = [(e.language, e.text) for i, e in enumerate(examples) if i % FOLDS != fold]
        with languages.using(language_model.learn([*learned, *forms], official)):
            yield from judged(examples[fold::FOLDS])


def table(found: Sequence[tuple[Example, str | None, int]], shown: int) -> Iterator[str]:
    """Yield a line per language: messages of three and more words, of one or two, and what they were taken for."""
    yield "lang  three+  right  short  right  taken for"
    for code in [*sorted({example.language for example, _, _ in found}), "all"]:
        own = [one for one in found if code in (one[0].language, "all")]
        cells = []
        for group in ([one for one in own if one[2] > 2], [one for one in own if one[2] <= 2]):
            right = sum(guessed == example.language for example, guessed, _ in group)
            cells += [f"{len(group):6}", f"{right / len(group) if group else 0.0:.3f}"]
        wrong = Counter(guessed or "?" for example, guessed, size in own if guessed != example.language and size > 2)
        yield f"{code:4}  {'  '.join(cells)}  {' '.join(f'{name} {count}' for name, count in wrong.most_common(5))}"
    mistaken = [(example, guessed) for example, guessed, size in found if guessed != example.language and size > 2]
    yield from (f"  {example.language} taken for {guessed}: {example.text}" for example, guessed in mistaken[:shown])


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m bot.language_report", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("heldout", type=Path, nargs="?")
    parser.add_argument("--shown", type=int, default=10)
    chosen = parser.parse_args(arguments)
    if chosen.heldout:
        found = list(judged(read_heldout(chosen.heldout)))
    else:
        found = list(cross_validated(read_training(language_model.DATA / "nlu")))
    for line in table(found, chosen.shown):
        sys.stdout.write(line + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
