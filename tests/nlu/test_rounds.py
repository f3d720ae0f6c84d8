"""Rounds are kept, drawn, and the training data is looked at."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

from bot.nlu import pictures
from bot.nlu.examples import Example
from bot.nlu.report import Judged
from bot.nlu.rounds import (
    HEAD,
    add_round,
    claimed_twice,
    counts,
    main,
    mixed_up,
    near_duplicates,
    read_curve,
    rows,
)


def judged(language: str, right: bool) -> Judged:
    best = "greet" if right else "thank"
    return Judged(Example("x", "greet", language), ((best, 0.9),), best, "answered", 0.001)


def test_a_round_is_appended_drawn_and_replaced_by_its_name(tmp_path: Path) -> None:
    path = tmp_path / "curve.tsv"
    training = [Example("hallo", "greet", "de")] * 3 + [Example("hi", "greet", "en")]
    add_round(path, list(rows("1", [judged("de", True), judged("en", False)], training)))
    add_round(path, list(rows("2", [judged("de", True), judged("en", True)], training)))
    add_round(path, list(rows("2", [judged("de", False)], training)))
    kept = read_curve(path)
    assert [(row["round"], row["lang"]) for row in kept] == [
        ("1", "de"), ("1", "en"), ("1", "all"), ("2", "de"), ("2", "all")
    ]  # fmt: skip
    assert tuple(kept[0]) == HEAD
    assert (kept[0]["examples"], kept[0]["macro_f1"], kept[2]["accuracy"]) == ("3", "1.000", "0.500")
    picture = ElementTree.fromstring(path.with_suffix(".svg").read_text(encoding="utf-8"))
    assert picture.tag.endswith("svg")


def test_a_curve_without_points_can_be_drawn() -> None:
    assert ElementTree.fromstring(pictures.curve({"de": [None]}, ["1"], "F1")) is not None


def test_calibration_is_drawn_with_its_numbers() -> None:
    text = pictures.calibration([(0.9, 0.8, 10), (0.2, 0.3, 5)], 0.1)
    assert "0.90 → 0.80" in text and "mean error 0.100" in text
    assert ElementTree.fromstring(text) is not None


def test_cells_with_few_examples_are_listed() -> None:
    examples = [Example(f"hallo {i}", "greet", "de") for i in range(5)] + [Example("danke", "thank", "de")]
    assert list(counts(examples, wanted=3)) == ["de: 6 examples, 1 to 5 per intent", "  fewer than 3: thank 1"]


def test_examples_with_one_other_word_are_near_duplicates() -> None:
    examples = [
        Example("darf ich in der küche arbeiten", "ask", "de"),
        Example("darf ich in der gärtnerei arbeiten", "ask", "de"),
        Example("Arbeiten darf ich in der Küche?", "ask", "de"),
        Example("wo ist das amt", "where", "de"),
        Example("darf ich in der küche arbeiten", "ask", "en"),
    ]
    assert [(one.text, other.text) for one, other in near_duplicates(examples)] == [
        ("darf ich in der küche arbeiten", "darf ich in der gärtnerei arbeiten"),
        ("darf ich in der küche arbeiten", "Arbeiten darf ich in der Küche?"),
    ]


def test_a_message_of_two_intents_is_named() -> None:
    examples = [Example("Na!", "greet", "de"), Example("na", "deny", "de"), Example("na", "greet", "tr")]
    assert claimed_twice(examples) == [("na", ["greet", "deny"])]


def test_an_example_in_the_wrong_folder_is_found() -> None:
    german = ["ich möchte bitte einen neuen termin machen", "wann kann ich bitte wieder arbeiten gehen"]
    turkish = ["randevu almak istiyorum lütfen yardım edin", "ne zaman çalışmaya başlayabilirim acaba"]
    examples = [
        Example(f"{text} {n}", "ask", code)
        for n in range(60)
        for code, texts in (("de", german), ("tr", turkish))
        for text in texts
    ]
    examples.insert(7, Example("wann kann ich einen termin machen bitte", "ask", "tr"))
    assert [(one.text, code) for one, code in mixed_up(examples)] == [("wann kann ich einen termin machen bitte", "de")]


def test_a_round_needs_messages_and_a_broken_file_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main([])
    (tmp_path / "held.tsv").write_text("hallo greet\n", encoding="utf-8")
    assert main([str(tmp_path / "held.tsv"), "--training", str(tmp_path)]) == 2
    assert "line 1" in capsys.readouterr().err
