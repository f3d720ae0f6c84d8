"""Names that Unicode's CLDR keeps for every language: countries, languages, months, weekdays, units (`python -m bot.cldr`).

Writes `data/lexicon/entities/cldr.tsv` from Babel; what the hand-written rows know already, or mean something else by, is left out.
Run it again after an update of Babel or when a language joins; a test says when the file is old. Needs Babel (the app's environment).
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from bot.nlu.lexicon import CLDR_FILE, FOLDER, Lexicon, Row, read_folder, read_rows, tokens_of
from bot.replies.languages import load_languages

HEAD = "# Made by `python -m bot.cldr` from Unicode's CLDR (Unicode License v3); do not edit, write rows of your own instead.\n"
# No country, or not one that anybody is a national of; and Germany, where everybody lives.
NO_NATIONALITY = frozenset({
    "DE", "EU", "EZ", "UN", "XA", "XB", "QO", "ZZ", "AQ", "BV", "HM", "IO", "TF", "UM", "CP", "AC", "TA", "DG",
    "EA", "IC", "CQ", "AX", "SJ", "GG", "JE", "IM", "GF", "GP", "MQ", "RE", "YT", "PM", "MF", "BL", "WF", "NC",
    "PF", "GU", "MP", "PR", "VI", "AS", "BQ", "SX", "CW", "AW", "KY", "BM", "VG", "TC", "MS", "AI", "GI", "FK",
    "GS", "SH", "PN", "TK", "NU", "CK", "NF", "CX", "CC", "FO", "GL", "HK", "MO",
})  # fmt: skip
# A name of fewer letters is too often another word (Mali, Chad, Oman); the hand-written rows know those that matter.
SHORTEST = 5
SPOKEN = ("ar", "ckb", "de", "en", "fa", "fr", "ku", "ps", "ru", "ti", "tr", "uk", "so", "ur", "es", "am", "sq")
# What our writers left out on purpose: pain is commoner than March, a part of other days, a small word of neighbours.
LEFT_OUT = frozenset({("ckb", "ئازار"), ("ku", "şemî"), ("fr", "an")})
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
UNITS = ("day", "week", "month", "year")
COUNTED = (1, 2, 3, 5, 11, 21, 100)  # every plural form of our languages stands behind one of these


def names(code: str) -> Iterator[tuple[str, str]]:
    """Yield (meaning, name) of one language; names that CLDR has not translated are left out."""
    from babel import Locale
    from babel.units import format_unit

    locale, english = Locale.parse(code), Locale.parse("en")
    for territory, name in sorted(locale.territories.items()):
        own = code == "en" or name != english.territories.get(territory)
        if len(territory) == 2 and territory not in NO_NATIONALITY and own:
            yield f"country={territory}", name
    for language in SPOKEN:
        name = locale.languages.get(language, "")
        if name and (code == "en" or name != english.languages.get(language)):
            yield f"language={language}", name
    for style in ("format", "stand-alone"):
        for number, name in sorted(locale.months[style]["wide"].items()):
            if code == "en" or name != english.months[style]["wide"][number]:
                yield f"month={number}", name
    # Babel 2.18 gives one language's 'stand-alone' days for another one's
    for number, name in sorted(locale.days["format"]["wide"].items()):
        if code == "en" or name != english.days["format"]["wide"][number]:
            yield f"weekday={DAYS[number]}", name
    for unit in UNITS:
        for count in COUNTED:
            name = re.sub(r"\d+", " ", format_unit(count, f"duration-{unit}", "long", locale=locale))
            if "duration-" not in name:
                yield f"unit={unit}", name


def form(name: str, code: str, kind: str) -> str | None:
    """Return the lexicon's form of a name: the stem and `*` where the language puts its endings behind; None for no plain name."""
    name = " ".join(name.replace("\xa0", " ").split()).strip("/ ")
    if any(sign in name for sign in "()[]/,|*") or any(char.isdigit() for char in name):
        return None
    if kind in ("country", "language") and len(name.replace(" ", "")) < SHORTEST:
        return None
    if kind != "country":
        return name
    if code in ("ru", "uk") and " " not in name and len(name) > SHORTEST:
        return name[:-1] + "*" if name[-1] in "аяйьіїыо" else name + "*"
    return name + "*" if code in ("tr", "ku") and " " not in name else name


def rows(folder: Path = FOLDER) -> list[Row]:
    """Return a row per meaning and language of what the hand-written rows of a lexicon folder do not hold."""
    entities = folder / "entities"
    own = [row for path in sorted(entities.glob("*.tsv")) if path.name != CLDR_FILE for row in read_rows(path)]
    entity_words, concept_words = Lexicon(own), Lexicon(read_folder(folder / "concepts"))
    found: dict[tuple[str, str], dict[str, None]] = {}
    for code in sorted(load_languages().offered):
        for meaning, name in names(code):
            kind = meaning.partition("=")[0]
            written = form(name, code, kind)
            if written is None:
                continue
            tokens = tokens_of(written.strip("*"))
            whole = [
                m for m in entity_words.all_matches(tokens) if code in m.languages and m.end - m.start == len(tokens)
            ]
            # known already, or another fact of the language; a single word may not be a word for something else either
            other = {m.meaning for m in concept_words.all_matches(tokens) if code in m.languages} - {
                "COUNTRY",
                "LANGUAGE",
            }
            named = kind in ("country", "language")
            if (code, written) in LEFT_OUT:
                continue
            if tokens and not whole and not (named and len(tokens) == 1 and other - _about(kind)):
                found.setdefault((meaning, code), {})[written] = None
    return [Row(meaning, code, tuple(forms)) for (meaning, code), forms in sorted(found.items())]


def _about(kind: str) -> set[str]:
    """Return the concepts that say the same as a kind of fact."""
    return {"language": {"LANG_EAST", "LANG_WEST", "GERMAN"}, "country": {"COME_FROM"}}.get(kind, set())


def text(found: Sequence[Row]) -> str:
    """Return the file."""
    return HEAD + "".join(f"{row.meaning}\t{row.language}\t{'|'.join(row.forms)}\n" for row in found)


def main() -> int:
    """Write the file; say how many forms it holds."""
    found = rows()
    (FOLDER / "entities" / CLDR_FILE).write_text(text(found), encoding="utf-8")
    sys.stdout.write(f"{CLDR_FILE}: {len(found)} rows, {sum(len(row.forms) for row in found)} forms\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
