"""The scoring of intents and the decision to act; learning itself is tested where scikit-learn is (rasa_env)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.nlu.decision import decide, threshold_for, to_ask_about, wishes
from bot.nlu.linear import LETTERS, IntentModel, _sure, letter_features, pair_features
from bot.nlu.names import Names

RULES: dict[str, Any] = {
    "threshold": 0.3,
    "margin": 0.05,
    "least_known": 0.35,
    "early": {"emergency": 0.3},
    "unnamed": 0.5,
}


def small_model() -> IntentModel:
    """Return a model that knows three words and a letter group, with weights set by hand."""
    model = IntentModel()
    model.intents = ["ask", "greet"]
    model._spelt = ["whallo", "warbeit", "kWORK", f"{LETTERS}arb"]
    model.names = Names(model._spelt)
    model.idf = np.ones(4, dtype=np.float32)
    model.weights = np.asarray([[-1, 1], [1, -1], [1, -1], [0.5, -0.5]], dtype=np.float32)
    model.bias = np.zeros(2, dtype=np.float32)
    model.sharpness = 2.0
    return model


def test_the_likeliest_intent_comes_first_and_chances_sum_to_one() -> None:
    guess = small_model().guess("Arbeit!", ["kWORK"])
    assert [name for name, _ in guess.ranking] == ["ask", "greet"]
    assert sum(chance for _, chance in guess.ranking) == pytest.approx(1.0, abs=1e-6)
    assert guess.ranking[0][1] > 0.9


def test_a_concept_speaks_where_the_word_is_unknown() -> None:
    assert small_model().guess("شغل", ["kWORK"]).ranking[0][0] == "ask"


def test_each_name_has_its_column_and_another_none() -> None:
    names = Names(["wb", "wa", "kC"])
    assert len(names) == 3
    assert names.columns(["kC", "wx", "wb", "wa", ""]).tolist() == [2, -1, 0, 1, -1]
    assert Names([]).columns(["wa"]).tolist() == [-1]


def test_signs_without_words_are_not_known() -> None:
    assert small_model().guess("🤷‍♀️ ?!", []).known == 0.0


def test_a_model_read_back_says_the_same(tmp_path: Path) -> None:
    model = small_model()
    model.save(tmp_path)
    again = IntentModel.load(tmp_path).guess("hallo arbeit", ["kWORK"])
    assert again == model.guess("hallo arbeit", ["kWORK"])


def test_the_threshold_leaves_no_more_wrong_than_wanted() -> None:
    chances = np.asarray([[0.9, 0.1], [0.8, 0.2], [0.7, 0.3], [0.4, 0.6]])
    target = np.asarray([0, 1, 0, 1])
    assert _sure(chances, target, 0.25) == 0.0
    assert _sure(chances, target, 0.0) == pytest.approx(0.81)
    assert _sure(np.asarray([[1.0, 0.0]]), np.asarray([1]), 0.0) == 1.0


def test_the_threshold_stays_within_its_bounds() -> None:
    assert [threshold_for(sure, 0.4, 0.8) for sure in (0.1, 0.6, 0.95)] == [0.4, 0.6, 0.8]


def test_one_intent_alone_cannot_be_learned() -> None:
    with pytest.raises(ValueError, match="at least two intents"):
        IntentModel().fit(["a", "b"], [[], []], ["same", "same"])


def test_features_of_words_and_letters() -> None:
    assert pair_features(["a", "b"]) == ["< a", "a b", "b >"]
    assert letter_features(["ja"], 2, 5) == [" j", "ja", "a ", " ja", "ja ", " ja "]


@given(st.text(max_size=200))
def test_any_text_gets_a_ranking(text: str) -> None:
    guess = small_model().guess(text, [])
    assert len(guess.ranking) == 2
    assert 0.0 <= guess.known <= 1.0


@pytest.mark.parametrize(
    ("ranking", "known", "acted"),
    [
        ([("ask", 0.9), ("greet", 0.1)], 1.0, "ask"),
        ([("ask", 0.29), ("greet", 0.1)], 1.0, None),
        ([("ask", 0.40), ("greet", 0.36)], 1.0, None),
        ([("ask", 0.9), ("greet", 0.1)], 0.2, None),
        ([("ask", 0.6), ("emergency", 0.35)], 1.0, "emergency"),
        ([("ask", 0.6), ("emergency", 0.2)], 1.0, "ask"),
        ([("emergency", 0.35), ("ask", 0.3)], 0.1, "emergency"),
        ([], 1.0, None),
    ],
)
def test_what_is_acted_on(ranking: list[tuple[str, float]], known: float, acted: str | None) -> None:
    assert decide(ranking, known, **RULES, concepts=["HIT"]) == acted


@pytest.mark.parametrize(
    ("best", "length", "chance", "acted"),
    [
        ("thank", 9, 0.04, None),
        ("goodbye", 9, 0.04, None),
        ("thank", 9, 0.02, "thank"),
        ("thank", 4, 0.04, "thank"),
        ("ask", 9, 0.04, "ask"),
    ],
)
def test_small_talk_that_is_perhaps_danger_is_asked_about(best, length, chance, acted) -> None:
    ranking = [(best, 0.9), ("emergency", chance)]
    assert decide(ranking, 1.0, **RULES, perhaps={"emergency": 0.03}, length=length) == acted


@pytest.mark.parametrize(
    ("ranking", "acted"),
    [
        ([("ask", 0.6), ("emergency", 0.35)], "ask"),
        ([("emergency", 0.49), ("ask", 0.1)], "emergency"),  # the likeliest like any other intent
        ([("emergency", 0.49), ("ask", 0.46)], None),
        ([("emergency", 0.51), ("ask", 0.48)], "emergency"),
    ],
)
def test_faint_danger_that_no_word_names_waits_its_turn(ranking: list[tuple[str, float]], acted: str | None) -> None:
    for harmless in ([], ["HELP", "POLICE", "CHILD", "HUSBAND", "URGENT"]):
        assert decide(ranking, 1.0, **RULES, concepts=harmless) == acted
    assert decide(ranking, 1.0, **RULES, concepts=["POLICE", "WEAPON"]) == "emergency"
    assert decide(ranking, 1.0, **RULES, length=9) == "emergency", "only a few bare words wait"


@pytest.mark.parametrize(
    ("ranking", "length", "acted"),
    [
        ([("greet", 0.5), ("ask", 0.48)], 7, "ask"),
        ([("greet", 0.8), ("ask", 0.07), ("search", 0.05)], 7, "ask"),
        ([("greet", 0.8), ("ask", 0.06), ("search", 0.057)], 7, None),
        ([("thank", 0.6), ("greet", 0.2), ("ask", 0.15)], 5, "ask"),
        ([("greet", 0.8), ("ask", 0.15)], 4, "greet"),
        ([("greet", 0.97), ("ask", 0.02)], 20, "greet"),
        ([("goodbye", 0.8), ("emergency", 0.18)], 12, "goodbye"),
    ],
)
def test_a_wish_behind_a_greeting_is_not_passed_over(
    ranking: list[tuple[str, float]], length: int, acted: str | None
) -> None:
    assert decide(ranking, 1.0, **RULES, length=length) == acted


def test_a_greeting_is_never_offered_beside_a_wish() -> None:
    ranking = [("greet", 0.4), ("ask", 0.35), ("thank", 0.1)]
    assert to_ask_about(ranking) == [("ask", 0.35)]
    assert to_ask_about([("greet", 0.4), ("ask", 0.01)]) == [("greet", 0.4), ("ask", 0.01)]
    assert sum(chance for _, chance in wishes(ranking, 9)) <= 1.0
