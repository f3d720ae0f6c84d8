"""What a language lacks is printed, as a list or as lines to fill in."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.nlu.coverage import main
from bot.nlu.lexicon import FOLDER, ROOT, read_rows


@pytest.fixture
def lexicon(tmp_path: Path) -> Path:
    for folder in ("concepts", "entities"):
        (tmp_path / folder).mkdir()
    (tmp_path / "concepts" / "10-a.tsv").write_text(
        "WORK\ten\twork|job\nWORK\tti\tስራሕ\nCHILD\ten\tchild\n", encoding="utf-8"
    )
    (tmp_path / "entities" / "time.tsv").write_text("dual=day:2\tar\tيومين\n", encoding="utf-8")
    return tmp_path


def test_missing_meanings_are_listed_with_english_words(lexicon: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ti", "--lexicon", str(lexicon)]) == 1
    said = capsys.readouterr().out
    assert "CHILD: child" in said and "WORK" not in said
    assert "dual=day:2 (if your language has it)" in said


def test_lines_to_fill_in_are_rows_of_the_lexicon(
    lexicon: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    main(["ti", "--lexicon", str(lexicon), "--template"])
    path = tmp_path / "filled.tsv"
    path.write_text(capsys.readouterr().out.replace("\tti\t", "\tti\tቆልዓ"), encoding="utf-8")
    assert [row.meaning for row in read_rows(path)] == ["CHILD", "dual=day:2"]


def test_a_language_without_gaps_is_complete(lexicon: Path) -> None:
    (lexicon / "concepts" / "ti-a.tsv").write_text("CHILD\tti\tቆልዓ\n", encoding="utf-8")
    assert main(["ti", "--lexicon", str(lexicon)]) == 0


def test_forms_that_stand_twice_are_removed(lexicon: Path) -> None:
    path = lexicon / "concepts" / "ti-a.tsv"
    path.write_text("# a | a\nCHILD\tti\tቆልዓ| ቆልዓ|ውላድ|\n", encoding="utf-8")
    main(["ti", "--lexicon", str(lexicon), "--tidy"])
    assert path.read_text(encoding="utf-8") == "# a | a\nCHILD\tti\tቆልዓ|ውላድ\n"


def test_the_page_on_adding_a_language_names_every_concept() -> None:
    page = (ROOT / "docs" / "adding-a-language.md").read_text(encoding="utf-8")
    meanings = {row.meaning for path in (FOLDER / "concepts").glob("[0-9]*.tsv") for row in read_rows(path)}
    assert [meaning for meaning in sorted(meanings) if f"`{meaning}`" not in page] == []
