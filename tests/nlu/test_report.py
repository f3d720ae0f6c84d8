"""The report counts what it says it counts."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.nlu.report import (
    DataError,
    Example,
    Judged,
    figures,
    folds,
    macro_f1,
    main,
    read_heldout,
    read_training,
    table,
)


def judged(wanted: str, best: str, chance: float, acted: bool = True, outcome: str = "answered") -> Judged:
    ranking = ((best, chance), ("second", 0.1), ("third", 0.05), ("fourth", 0.01))
    return Judged(Example("x", wanted, "de"), ranking, best if acted else None, outcome, 0.001)


def test_macro_f1_weighs_all_intents_alike() -> None:
    assert macro_f1([("a", "a"), ("a", "a"), ("b", "a")]) == pytest.approx((4 / 5 + 0) / 2)
    assert macro_f1([]) == 0.0


def test_figures_of_a_group() -> None:
    found = figures(
        [
            judged("ask", "ask", 0.9),
            judged("ask", "greet", 0.9),
            judged("third", "greet", 0.5),
            judged("ask", "greet", 0.2, acted=False, outcome="clarified"),
            judged("emergency", "emergency", 0.9),
        ]
    )
    assert found["messages"] == 5
    assert found["accuracy"] == pytest.approx(0.4)
    assert found["top3"] == pytest.approx(0.6)
    assert found["answered"] == pytest.approx(0.8)
    assert found["clarified"] == pytest.approx(0.2)
    assert found["answered_wrong"] == pytest.approx(0.4)
    assert found["confidently_wrong"] == pytest.approx(0.2)
    assert found["emergency"] == 1.0
    assert found["ms"] == pytest.approx(1.0)


def test_the_table_has_a_row_for_each_language_and_one_for_all() -> None:
    rows = list(table([judged("ask", "ask", 0.9)]))
    assert [row.split()[0] for row in rows] == ["lang", "de", "all"]


def test_folds_judge_every_example_once_and_never_one_they_learned() -> None:
    examples = [Example(f"{i}", f"intent{i % 3}", "de") for i in range(31)]
    seen: list[int] = []
    for learned, held in folds(examples, 5):
        assert not set(learned) & set(held)
        assert len(learned) + len(held) == len(examples)
        assert {examples[i].intent for i in held} == {"intent0", "intent1", "intent2"}
        seen.extend(held)
    assert sorted(seen) == list(range(31))


def test_heldout_messages_are_read_with_their_language(tmp_path: Path) -> None:
    path = tmp_path / "held.tsv"
    path.write_text("text\tintent\tlang\n# comment\nHallo\tgreet\tde\n\nمرحبا\tgreet\tar\n", encoding="utf-8")
    assert read_heldout(path) == [Example("Hallo", "greet", "de"), Example("مرحبا", "greet", "ar")]


@pytest.mark.parametrize("line", ["Hallo greet de", "Hallo\tgreet", "Hallo\t\tde"])
def test_a_broken_line_is_named(tmp_path: Path, line: str, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "held.tsv"
    path.write_text(f"Hallo\tgreet\tde\n{line}\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"held\.tsv, line 2"):
        read_heldout(path)
    assert main(["--heldout", str(path)]) == 2
    assert "line 2" in capsys.readouterr().err


def test_a_missing_or_empty_file_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--heldout", str(tmp_path / "none.tsv")]) == 2
    (tmp_path / "empty.tsv").write_text("", encoding="utf-8")
    assert main(["--heldout", str(tmp_path / "empty.tsv")]) == 2
    assert "no message" in capsys.readouterr().err


def test_training_examples_are_read_from_the_folder_of_their_language(tmp_path: Path) -> None:
    (tmp_path / "de").mkdir()
    (tmp_path / "de" / "a.yml").write_text(
        'version: "3.1"\nnlu:\n- intent: greet\n  examples: |\n    - Hallo\n    - Na - wie?\n', encoding="utf-8"
    )
    assert read_training(tmp_path) == [Example("Hallo", "greet", "de"), Example("Na - wie?", "greet", "de")]
