"""The language report counts messages of three and more words apart from shorter ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.language_report import main, table
from bot.nlu.examples import Example


def test_short_messages_are_counted_apart() -> None:
    found = [
        (Example("a b c", "x", "de"), "de", 3),
        (Example("a b d", "x", "de"), "en", 3),
        (Example("a", "x", "de"), None, 1),
    ]
    lines = list(table(found, 1))
    assert lines[1].split() == ["de", "2", "0.500", "1", "0.000", "en", "1"]
    assert lines[-1] == "  de taken for en: a b d"


def test_a_file_of_messages_is_judged(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "held.tsv"
    path.write_text("wann habt ihr geöffnet\tx\tde\nكيف يمكنني العمل هنا\tx\tar\n", encoding="utf-8")
    assert main([str(path)]) == 0
    assert capsys.readouterr().out.splitlines()[-1].split()[:3] == ["all", "2", "1.000"]
