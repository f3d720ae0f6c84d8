"""Names from CLDR: the kept file is the one that Babel gives now, and it adds to the hand-written rows without contradicting them."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot import cldr
from bot.nlu.entities import Ear
from bot.nlu.lexicon import CLDR_FILE, FOLDER, Row, read_folder

EAR = Ear(read_folder(FOLDER / "entities"))


def test_the_kept_file_is_the_one_of_the_present_babel_and_rows() -> None:
    kept = (FOLDER / "entities" / CLDR_FILE).read_text(encoding="utf-8")
    assert kept == cldr.text(cldr.rows()), "run: .venv/bin/python -m bot.cldr"


@pytest.mark.parametrize(
    ("text", "country"),
    [
        ("ich komme aus Costa Rica", "CR"),
        ("Tanzaniya'dan geldim, Zimbabve vatandaşıyım", "ZW"),
        ("я из Мозамбика", "MZ"),
        ("أنا من كوريا الشمالية", "KP"),
        ("زه د منګوليا یم", "MN"),
        ("Ez ji Moxolistanê me", "MN"),
    ],
)
def test_a_country_no_writer_thought_of_is_heard(text: str, country: str) -> None:
    assert ("country", country) in {(fact.entity, fact.value) for fact in EAR.hear(text)}


def test_what_the_hand_written_rows_know_is_left_out(tmp_path: Path) -> None:
    for folder in ("concepts", "entities"):
        (tmp_path / folder).mkdir()
    (tmp_path / "entities" / "country.tsv").write_text("country=KE\tde\tkenia*\n", encoding="utf-8")
    (tmp_path / "concepts" / "10.tsv").write_text("ROOF\tde\tgabun\n", encoding="utf-8")
    found = {(row.meaning, row.language) for row in cldr.rows(tmp_path)}
    assert ("country=KE", "en") in found and ("country=KE", "de") not in found
    assert ("country=GA", "fr") not in found, "too short a name"
    assert ("country=GA", "de") not in found, "a word for something else"
    assert ("country=DE", "en") not in found, "where everybody lives"


def test_no_name_is_shorter_than_the_least_or_has_signs() -> None:
    for row in cldr.rows():
        assert isinstance(row, Row)
        for form in row.forms:
            assert not set("()[]/,|") & set(form)
            assert not row.meaning.startswith("country=") or len(form.replace(" ", "")) >= cldr.SHORTEST
