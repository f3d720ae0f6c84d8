"""How often danger is noticed in messages nobody learned from, and how often it is heard in others.

`.venv-rasa/bin/python -W ignore -m bench.danger [FILE]` learns everything in data/nlu and judges the file (text TAB kind TAB language; kinds `plain` and `hard` tell of danger,
`near` and `ordinary` do not): the share that raises the alarm, by classifier and word list together, and the share that shows the numbers at all.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from bot.nlu.examples import read_heldout, read_training
from bot.nlu.lexicon import ROOT
from bot.nlu.report import Judge, Judged, settings

FILE = Path(__file__).parent / "data" / "danger.tsv"
KINDS = ("plain", "hard", "near", "ordinary")
DANGER = "emergency"
# The line above an answer to something else: actions/base.py says the same.
PERHAPS, LEAST_WORDS = 0.1, 4


def alarm(judged: Judged) -> bool:
    """Return whether the message is answered with the emergency numbers."""
    return judged.danger or judged.acted == DANGER


def numbers(judged: Judged) -> bool:
    """Return whether the numbers stand at least above the answer."""
    perhaps = dict(judged.ranking).get(DANGER, 0.0) >= PERHAPS and len(judged.example.text.split()) >= LEAST_WORDS
    return alarm(judged) or perhaps


def main(arguments: Sequence[str]) -> None:
    """Print the shares by kind, and the languages in which a message of danger was missed."""
    judge = Judge(settings())
    model = judge.learn(read_training(ROOT / "data" / "nlu"))
    found: dict[str, list[Judged]] = defaultdict(list)
    for example in read_heldout(Path(arguments[0]) if arguments else FILE):
        found[example.intent].append(judge.judge(model, example))
    for kind in KINDS:
        of_kind = found[kind]
        if not of_kind:
            continue
        raised, shown = sum(map(alarm, of_kind)), sum(map(numbers, of_kind))
        line = f"{kind}: alarm {raised} of {len(of_kind)} ({raised / len(of_kind):.3f}), numbers shown {shown / len(of_kind):.3f}"
        missed = [one.example.language for one in of_kind if not alarm(one)] if kind in ("plain", "hard") else []
        sys.stdout.write(f"{line}{'; missed in ' + ', '.join(sorted(missed)) if missed else ''}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
