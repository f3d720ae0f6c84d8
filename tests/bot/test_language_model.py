"""The model of letter groups learns from examples and says the same when it is read back."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot import language_model
from bot.language_model import LanguageModel, learn, words

TEXTS = [
    *[("de", f"ich möchte bitte einen termin am {day} weil ich arbeiten will") for day in range(60)],
    *[("tr", f"randevu almak istiyorum lütfen {day} günü çalışmak için") for day in range(60)],
    *[("ar", f"أريد موعد يوم {day} لأنني أريد أن أعمل Termin") for day in range(80)],
    *[("ar", "ana bidi maw3ed 3shan bidi ishtaghel law sama7t") for _ in range(80)],
    *[("ti", "ስራሕ") for _ in range(3)],
]


@pytest.fixture(scope="module")
def model() -> LanguageModel:
    return learn(TEXTS)


def best(model: LanguageModel, text: str) -> str:
    scores = model.scores(words(text))
    return max(scores, key=lambda code: scores[code])


def test_unseen_words_are_told_by_their_letter_groups(model: LanguageModel) -> None:
    assert best(model, "arbeitstermine") == "de"
    assert best(model, "çalışıyorum") == "tr"


def test_latin_messages_of_another_script_are_a_language_of_their_own(model: LanguageModel) -> None:
    assert best(model, "ana bidi ishtaghel") == "ar_latn"
    assert best(model, "أعمل") == "ar"


def test_a_language_with_hardly_any_example_is_left_out(model: LanguageModel) -> None:
    assert set(model.languages) == {"ar", "ar_latn", "de", "tr"}


def test_nothing_known_has_no_share(model: LanguageModel) -> None:
    assert model.scores(["ጽጽጽ"]) == {}
    assert model.scores(["termin"], ["xx"]) == {}


def test_a_model_read_back_says_the_same(model: LanguageModel, tmp_path: Path) -> None:
    path = tmp_path / "kept" / "model.z"
    model.save(path)
    again = LanguageModel.load(path)
    assert again.languages == model.languages
    for code, share in model.scores(words("ich will arbeiten")).items():
        assert again.scores(words("ich will arbeiten"))[code] == pytest.approx(share, abs=0.05)


def test_the_kept_file_belongs_to_its_examples(tmp_path: Path) -> None:
    (tmp_path / "nlu" / "de").mkdir(parents=True)
    example = tmp_path / "nlu" / "de" / "a.yml"
    example.write_text("nlu:\n- intent: greet\n  examples: |\n    - Hallo\n", encoding="utf-8")
    before = language_model.kept_file(tmp_path)
    assert list(language_model.examples(tmp_path)) == [("de", "Hallo")]
    example.write_text("nlu:\n- intent: greet\n  examples: |\n    - Moin\n", encoding="utf-8")
    assert language_model.kept_file(tmp_path) != before
