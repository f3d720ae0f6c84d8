"""Danger words are found in every spelling, and everyday words are no danger."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.emergency import LIST, Emergency, load_emergency, normalised
from bot.nlu.lexicon import PREFIXES, Row

OWN = Emergency(
    [
        ("suicide", "ich will sterben"),
        ("suicide", "umbring*"),
        ("suicide", "kill myself"),
        ("violence", "he hits me"),
        ("violence", "schlägt mich"),
        ("suicide", "أريد أن أموت"),
        ("violence", "يضربني"),
        ("child", "my child is missing"),
    ],
    [Row(PREFIXES, "", ("و", "ف"))],
)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Ich will sterben", "suicide"),
        ("ICH WILL STERBEN!!!", "suicide"),
        ("bitte ich   will\nsterben, ehrlich", "suicide"),
        ("ich will mich umbringen", "suicide"),
        ("i want to kill myself", "suicide"),
        ("kiiiill myself", "suicide"),
        ("mein mann schlaegt mich", "violence"),
        ("Mein Mann SCHLÄGT mich", "violence"),
        ("اريد ان اموت", "suicide"),
        ("أُرِيدُ أَنْ أَمُوت", "suicide"),
        ("زوجي يضربني كل يوم", "violence"),
        ("ويضربني", "violence"),
        ("he\u200b hits me", "violence"),
        ("ｈｅ ｈｉｔｓ ｍｅ", "violence"),
        ("Ich will nicht sterben lassen", None),
        ("he hits meters", None),
        ("Notfalltermin bitte", None),
        ("", None),
        ("😀", None),
    ],
)
def test_danger_is_found(text: str, kind: str | None) -> None:
    assert OWN.kind(text) == kind


@given(st.text(max_size=80))
def test_normalising_twice_is_normalising_once(text: str) -> None:
    once = normalised(text)
    assert normalised(" ".join(once)) == once


@given(st.text(max_size=30), st.text(max_size=30))
def test_danger_is_found_inside_any_text(before: str, after: str) -> None:
    assert OWN.kind(f"{before} ich will sterben {after}") is not None


@pytest.mark.parametrize("line", ["de\tsuicide", "de\tweather\tregen", "de\tsuicide\t...", "nonsense"])
def test_a_line_that_cannot_be_used_is_named(line: str, tmp_path: Path) -> None:
    path = tmp_path / "emergency.tsv"
    path.write_text(f"# a comment\nlanguage\tkind\tform\nde\tsuicide\tich will sterben\n{line}\n", encoding="utf-8")
    with pytest.raises(ValueError, match="line 4"):
        load_emergency(path)


def test_every_language_may_have_its_own_file(tmp_path: Path) -> None:
    (tmp_path / "de.tsv").write_text("de\tsuicide\tich will sterben\n", encoding="utf-8")
    (tmp_path / "ti.tsv").write_text("ti\tviolence\tይወቕዓኒ\n", encoding="utf-8")
    both = load_emergency(tmp_path)
    assert both.kind("ich will sterben") == "suicide"
    assert both.kind("ሰብኣየይ ይወቕዓኒ") == "violence"


@pytest.mark.skipif(not LIST.exists(), reason="the list is not written yet")
def test_every_shipped_form_is_found_in_a_sentence_of_its_language() -> None:
    real = load_emergency()
    for path in sorted(LIST.glob("*.tsv")):
        for line in path.read_text(encoding="utf-8").splitlines():
            if line and not line.startswith("#"):
                _, _, form = line.split("\t")[:3]
                assert real.kind(f"… {form.replace('*', 'en')}!") is not None, line


@pytest.mark.skipif(not LIST.exists(), reason="the list is not written yet")
def test_the_real_list_speaks_three_languages_and_leaves_everyday_words_alone() -> None:
    real = load_emergency()
    assert len(real) >= 150
    for text in (
        "Ich brauche einen Termin, es ist dringend", "Ich habe Angst vor der Prüfung", "Darf ich arbeiten?",
        "My child needs a kindergarten", "the course is killing time", "هل يمكنني العمل؟", "عندي طفل صغير",
    ):  # fmt: skip
        assert real.kind(text) is None, text


# languages we lack: danger is heard all the same
ELSEWHERE = {
    "es": ["ayuda por favor mi marido me quiere matar", "mi esposo me golpeo otra vez", "ya no quiero vivir", "mi bebe no respira"],
    "so": ["ninkaygu wuu i garaacaa fadlan i caawi", "waxaan rabaa inaan dhinto", "ma neefsan karo"],
    "sq": ["burri më rreh çdo natë", "ndihme do te me vrase", "nuk marr dot fryme", "dua te vdes"],
    "ur": ["میرا شوہر مجھے مارتا ہے", "وہ مجھے جان سے مار دے گا", "میں مرنا چاہتی ہوں", "mera shohar mujhe marta hai"],
    "am": ["ባለቤቴ ይመታኛል እርዱኝ", "ሊገድለኝ ነው", "መሞት እፈልጋለሁ", "ልጄ ጠፋ"],
    "hi": ["मेरा पति मुझे मारता है", "वह मुझे जान से मार देगा", "मैं मरना चाहती हूँ", "सांस नहीं आ रही"],
}  # fmt: skip
CALM_ELSEWHERE = [
    "hola necesito ayuda con mis papeles por favor", "¿cuándo abre la oficina? quiero aprender alemán",
    "waxaan rabaa inaan shaqo helo fadlan", "carruurtayda dugsiga ayay rabaan", "unë dua të punoj në Gjermani",
    "kam nevojë për ndihmë me dokumentet e fëmijës", "میں یہاں کام کرنا چاہتا ہوں", "میرے بچے کو اسکول میں داخلہ چاہیے",
    "ሥራ መሥራት እፈልጋለሁ ግን ፈቃድ የለኝም", "ልጄን ትምህርት ቤት ማስገባት እፈልጋለሁ", "मैं काम करना चाहता हूँ", "मेरे बच्चे को स्कूल जाना है",
]  # fmt: skip


@pytest.fixture(scope="module")
def shipped() -> Emergency:
    return load_emergency()


@pytest.mark.parametrize(("language", "text"), [(code, text) for code, texts in ELSEWHERE.items() for text in texts])
def test_danger_is_heard_in_languages_we_lack(language: str, text: str, shipped: Emergency) -> None:
    only = load_emergency(LIST / f"{language}.tsv")
    assert len(only) >= 40
    assert only.kind(text) is not None and shipped.kind(text) is not None


@pytest.mark.parametrize("text", CALM_ELSEWHERE)
def test_an_everyday_question_in_a_language_we_lack_is_no_danger(text: str, shipped: Emergency) -> None:
    assert shipped.kind(text) is None
