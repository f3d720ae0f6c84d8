"""Which meanings of the lexicon a language has no words for yet: `python -m bot.nlu.coverage ti [--template]`."""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from bot.nlu.lexicon import CLDR_FILE, FOLDER, Row, read_rows

FOLDERS = ("concepts", "entities")
# Meanings that only some languages need: a dual, another calendar, a month with its ending, a negation behind the word.
OPTIONAL = (
    "dual=", "solar_month=", "month_in=", "one=", "span_months=", "half=", "day_morning=", "not_after=", "since_after=",
    "number_join=", "number=21", "number=22", "number=23", "number=25", "number=26", "number=27", "number=28", "number=29",
    "number=31", "before_month=", "before_year=", "solar_year=", "flat_bare=", "language_level=",
    "origin=before", "origin=behind", "nor=twice", "lasting=",
)  # fmt: skip


def rows_of(folder: Path) -> dict[str, list[Row]]:
    """Return the rows of a folder by meaning, in the order of the files."""
    found: dict[str, list[Row]] = defaultdict(list)
    for path in sorted(folder.glob("*.tsv"), key=lambda path: (path.name[:1].isalpha(), path.name)):
        if path.name == CLDR_FILE:  # what CLDR knows in one language need not be known in all
            continue
        for row in read_rows(path):
            found[row.meaning].append(row)
    return found


def missing(folder: Path, language: str) -> Iterator[tuple[str, list[Row]]]:
    """Yield the meanings of a folder without a row in the language, with the rows of the others."""
    for meaning, rows in rows_of(folder).items():
        if not any(row.language == language for row in rows):
            yield meaning, rows


def hint(rows: Sequence[Row]) -> str:
    """Return a few forms in English (or else German) that show what is meant."""
    for language in ("en", "de"):
        forms = [form for row in rows if row.language == language for form in row.forms]
        if forms:
            return ", ".join(forms[:6])
    return ", ".join(rows[0].forms[:4])


def tidied(text: str) -> str:
    """Return the text of a lexicon file without forms that stand twice in a row."""
    lines = []
    for line in text.splitlines():
        columns = line.split("\t")
        if not line.startswith("#") and len(columns) == 3:
            columns[2] = "|".join(dict.fromkeys(form.strip() for form in columns[2].split("|") if form.strip()))
            line = "\t".join(columns)
        lines.append(line)
    return "\n".join(lines) + "\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Print what is missing; return 1 if a meaning that every language needs is."""
    parser = argparse.ArgumentParser(prog="python -m bot.nlu.coverage", description=__doc__)
    parser.add_argument("language", help="ISO 639 code, as in data/nlu/<code>")
    parser.add_argument("--template", action="store_true", help="print lines to fill in, with English words as comment")
    parser.add_argument("--tidy", action="store_true", help="remove forms that stand twice in a row of its files")
    parser.add_argument("--lexicon", type=Path, default=FOLDER)
    chosen = parser.parse_args(arguments)
    if chosen.tidy:
        for path in sorted(chosen.lexicon.glob(f"*/{chosen.language}-*.tsv")):
            path.write_text(tidied(path.read_text(encoding="utf-8")), encoding="utf-8")
    needed = 0
    for name in FOLDERS:
        gaps = list(missing(chosen.lexicon / name, chosen.language))
        needed += sum(not meaning.startswith(OPTIONAL) for meaning, _ in gaps)
        sys.stdout.write(f"# {name}: {len(gaps)} meanings without {chosen.language}\n")
        for meaning, rows in gaps:
            mark = " (if your language has it)" if meaning.startswith(OPTIONAL) else ""
            if chosen.template:
                sys.stdout.write(f"# {hint(rows)}{mark}\n{meaning}\t{chosen.language}\t\n")
            else:
                sys.stdout.write(f"  {meaning}{mark}: {hint(rows)}\n")
    return 1 if needed else 0


if __name__ == "__main__":
    sys.exit(main())
