"""The report counts what it says it counts."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.nlu.report import (
    DataError,
    Example,
    Judged,
    by_rasa,
    calibration,
    facts_f1,
    figures,
    folds,
    macro_f1,
    main,
    read_heldout,
    read_training,
    table,
    zones,
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


def test_facts_of_a_message_are_read_if_they_are_written_down(tmp_path: Path) -> None:
    path = tmp_path / "held.tsv"
    path.write_text("text\tintent\tlang\tentities\na\tx\tde\tduration=5; day=monday\nb\tx\tde\t\n", encoding="utf-8")
    first, second = read_heldout(path)
    assert first.facts == {("duration", "5"), ("day", "monday")}
    assert second.facts == frozenset()


def test_a_fact_without_a_value_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "held.tsv"
    path.write_text("a\tx\tde\tduration\n", encoding="utf-8")
    with pytest.raises(DataError, match="line 1"):
        read_heldout(path)


def test_facts_count_with_their_values() -> None:
    example = Example("x", "ask", "de", frozenset({("duration", "5"), ("day", "monday")}))
    heard = frozenset({("duration", "5"), ("day", "friday")})
    one = Judged(example, (("ask", 0.9),), "ask", "answered", 0.001, heard)
    assert facts_f1([one, judged("ask", "ask", 0.9)]) == pytest.approx(0.5)
    assert facts_f1([]) == 0.0


def test_danger_counts_if_the_word_list_or_the_classifier_hears_it() -> None:
    heard = Judged(Example("x", "emergency", "de"), (("ask", 0.9),), "ask", "answered", 0.001, danger=True)
    alarm = Judged(Example("x", "ask", "de"), (("ask", 0.9),), "ask", "answered", 0.001, danger=True)
    found = figures([heard, judged("emergency", "ask", 0.9), alarm, judged("ask", "ask", 0.9)])
    assert found["emergency"] == found["false_alarm"] == 0.5


def test_honest_probabilities_have_no_error() -> None:
    bins, error = calibration([judged("ask", "ask", 0.75)] * 3 + [judged("ask", "greet", 0.75)])
    assert bins == [(0.75, 0.75, 4)] and error == 0.0


def test_a_higher_threshold_answers_less_and_less_of_it_wrongly() -> None:
    lines = [line.split() for line in zones([judged("ask", "ask", 0.9), judged("ask", "greet", 0.5)])][1:]
    assert lines[0] == ["0.25", "1.000", "0.500"] and lines[-1] == ["0.95", "0.000", "0.000"]


def test_a_pipeline_that_cannot_be_trained_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    examples = [Example("hallo", "greet", "de"), Example("danke", "thank", "de")]
    lines = list(by_rasa("no-such-config.yml", examples, examples, 1))
    assert "failed" in lines[0]


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
