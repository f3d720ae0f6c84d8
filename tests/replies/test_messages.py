"""The catalogues keep in step with the English sentences, and each fault names its remedy."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bot.replies.catalogues import po_path
from bot.replies.compile import compile_all
from bot.replies.languages import load_languages
from bot.replies.messages import check, main, update
from bot.replies.scan import used_in_python
from bot.replies.specs import SpecError, load_specs

from .conftest import older

USES = '''"""Uses every response."""
NAMES = ["demo.opens", "demo.free", "demo.law", "demo.paper", "system.no_words", "unit.months"]
'''


@pytest.fixture
def code(tmp_path: Path) -> Path:
    """A project that names every response in its code."""
    (tmp_path / "bot").mkdir()
    (tmp_path / "bot" / "uses.py").write_text(USES, encoding="utf-8")
    return tmp_path


def faults(folder: Path) -> list[str]:
    return [str(fault) for fault in check(folder, folder.parent)]


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_complete_catalogues_have_no_fault(folder: Path, code: Path) -> None:
    assert faults(folder) == []


def test_updating_twice_changes_nothing(folder: Path) -> None:
    update(folder)
    before = po_path("ar", folder).read_bytes()
    update(folder)
    assert po_path("ar", folder).read_bytes() == before


def test_every_catalogue_gets_the_plural_header_of_languages_yml(folder: Path) -> None:
    for code_, language in load_languages(folder).all.items():
        if code_ in ("ar", "de"):
            assert f'"Plural-Forms: {language.plural}\\n"' in po_path(code_, folder).read_text("utf-8")


@pytest.mark.parametrize(
    ("n", "form"), [(0, 0), (1, 1), (2, 2), (3, 3), (10, 3), (11, 4), (99, 4), (100, 5), (101, 5), (111, 4)]
)
def test_the_arabic_forms_are_in_cldr_order(n: int, form: int) -> None:
    arabic = load_languages()["ar"]
    assert arabic.plural_form(n) == form
    # CLDR's own rules, in the order zero, one, two, few, many, other
    assert arabic.locale.plural_form(n) == ["zero", "one", "two", "few", "many", "other"][form]


@pytest.mark.parametrize("code_", ["de", "en", "fa", "fr", "ru", "uk", "tr", "ckb", "ti"])
def test_the_plural_headers_follow_cldr(code_: str) -> None:
    language = load_languages()[code_]
    seen: dict[str, int] = {}
    for n in range(200):
        tag = language.locale.plural_form(n)
        assert seen.setdefault(tag, language.plural_form(n)) == language.plural_form(n), (n, tag)
    assert len(set(seen.values())) == language.plural_forms


def test_changed_english_keeps_the_translation_as_fuzzy(folder: Path, code: Path) -> None:
    edit(folder / "responses" / "demo.yml", "The rule is {cite}.", "The law is {cite}.")
    assert any("its English changed" in fault and "update" in fault for fault in faults(folder))
    update(folder)
    text = po_path("de", folder).read_text("utf-8")
    assert "Die Regel ist {cite}." in text and '#| msgid "The rule is {cite}."' in text
    assert any("is fuzzy" in fault for fault in faults(folder))


def test_the_earlier_english_goes_when_the_sentence_was_looked_at(folder: Path, code: Path) -> None:
    edit(folder / "responses" / "demo.yml", "The rule is {cite}.", "The law is {cite}.")
    update(folder)
    edit(po_path("de", folder), ", fuzzy", "")
    update(folder)
    text = po_path("de", folder).read_text("utf-8")
    assert "Die Regel ist {cite}." in text and "|" not in text
    assert not any("fuzzy" in fault for fault in faults(folder) if "/de/" in fault)


def test_a_fuzzy_sentence_is_not_shown(folder: Path) -> None:
    from bot.replies import Replies

    edit(folder / "responses" / "demo.yml", "The rule is {cite}.", "The law is {cite}.")
    update(folder)
    compile_all(folder)
    assert Replies(folder).render("demo.law", {"cite": "x"}, "de") == "The law is x."


def test_a_renamed_response_keeps_its_translation_as_fuzzy(folder: Path) -> None:
    edit(folder / "responses" / "demo.yml", "demo.law:", "demo.statute:")
    update(folder)
    text = po_path("de", folder).read_text("utf-8")
    assert 'msgctxt "demo.statute"' in text and "Die Regel ist {cite}." in text and "demo.law" not in text


FAULTY: dict[str, tuple[Callable[[Path], None], str, str]] = {
    "an empty translation": (
        lambda f: edit(po_path("de", f), 'msgstr "Keine Worte."', 'msgstr ""'),
        "is not translated",
        "write its msgstr",
    ),
    "a missing plural form": (
        lambda f: edit(po_path("ar", f), 'msgstr[4] "{n} مكانًا شاغرًا."', 'msgstr[4] ""'),
        "is not translated",
        "all 6 forms",
    ),
    "a lost gap": (
        lambda f: edit(po_path("de", f), "Die Regel ist {cite}.", "Die Regel."),
        "lost {cite}",
        "put the gap back",
    ),
    "an invented gap": (
        lambda f: edit(po_path("de", f), "Keine Worte.", "Keine {words}."),
        "has {words}",
        "remove the gap",
    ),
    "a broken gap": (
        lambda f: edit(po_path("de", f), "Keine Worte.", "Keine {Worte"),
        "msgstr:",
        "write gaps",
    ),
    "another plural header": (
        lambda f: edit(po_path("ar", f), "n%100>=11 ? 4 : 5", "n%100>=0 && n%100<=2 ? 4 : 5"),
        "plural header",
        "update",
    ),
    "a sentence nobody has": (
        lambda f: edit(po_path("de", f), 'msgctxt "demo.paper"', 'msgctxt "demo.gone"'),
        "is obsolete",
        "update",
    ),
    "a missing sentence": (
        lambda f: edit(po_path("de", f), 'msgctxt "demo.paper"', 'msgctxt "demo.gone"'),
        "demo.paper: is missing",
        "update",
    ),
    "a missing catalogue": (lambda f: po_path("de", f).unlink(), "there is no catalogue", "update"),
    "a number lost in a form for many numbers": (
        lambda f: edit(po_path("ar", f), "{n} أماكن شاغرة.", "أماكن شاغرة."),
        "msgstr[3] lost {n}",
        "put the gap back",
    ),
}


@pytest.mark.parametrize("what", FAULTY, ids=str)
def test_the_check_finds(what: str, folder: Path, code: Path) -> None:
    break_it, words, remedy = FAULTY[what]
    break_it(folder)
    found = faults(folder)
    assert any(words in fault and remedy in fault for fault in found), found


def test_the_check_finds_names_that_code_uses_and_nobody_wrote(folder: Path, code: Path) -> None:
    (code / "bot" / "more.py").write_text('A = "demo.nothing"\nB = f"paper.{x}.more"\n', encoding="utf-8")
    found = faults(folder)
    assert any("demo.nothing" in fault and "no response" in fault for fault in found)
    assert any("paper.{…}.more" in fault for fault in found)


def test_the_check_finds_sentences_that_nobody_uses(folder: Path, code: Path) -> None:
    edit(code / "bot" / "uses.py", '"demo.free", ', "")
    assert any("demo.free: nothing uses it" in fault for fault in faults(folder))


def test_names_are_found_in_literals_and_patterns() -> None:
    source = 'a = "fact.x"; b = f"fact.{name}.{value}"; c = "no name"; d = f"{x} of {y}"'
    assert sorted(used_in_python(source)) == ["fact.\0.\0", "fact.x"]


def test_compiling_again_does_nothing_until_a_catalogue_changes(folder: Path) -> None:
    assert compile_all(folder) == []
    older(po_path("de", folder).with_suffix(".mo"), than=po_path("de", folder))
    assert compile_all(folder) == ["de"]


def test_the_command_explains_itself(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["what"]) == 2
    assert "update" in capsys.readouterr().err


WRONG = {
    "demo: {text: a}": "the name must look like",
    "demo.a: text": "must have at least",
    "demo.a: {comment: x}": "text: is missing",
    "demo.a: {text: ''}": "text: must be a text",
    "demo.a: {text: yes}": "text: must be a text",
    "demo.a: {text: a, colour: b}": "colour: unknown field",
    "demo.a: {text: '{x}'}": "text: {x} is not among the values",
    "demo.a: {text: '{x!r}', values: {x: text}}": "text: {x} is not a plain name",
    "demo.a: {text: '{x.y}', values: {x: text}}": "is not a plain name",
    "demo.a: {text: '{', values: {}}": "text:",
    "demo.a: {text: a, values: {x: colour}}": "values.x: 'colour' is not a kind",
    "demo.a: {text: a, plural: b}": "plural: needs `count:`",
    "demo.a: {text: a, plural: b, count: n}": "count: 'n' is not among the values",
    "demo.a: {text: a}\ndemo.a: {text: b}": "is written twice",
    "demo.a: [": "odd.yml",
    "demo.law: {text: a}": "already in demo.yml",
}


@pytest.mark.parametrize("text", WRONG)
def test_a_faulty_entry_is_named_with_file_entry_and_field(empty: Path, text: str) -> None:
    (empty / "responses" / "odd.yml").write_text(text, encoding="utf-8")
    with pytest.raises(SpecError) as problem:
        load_specs(empty)
    (fault,) = problem.value.faults
    assert fault.startswith("odd.yml") and WRONG[text] in fault


def test_the_sentences_of_this_project_can_be_read() -> None:
    specs = load_specs()
    assert len(specs) > 100 and "emergency.numbers" in specs


def test_the_beginning_of_a_name_stands_for_all_that_begin_so(folder: Path, code: Path) -> None:
    edit(code / "bot" / "uses.py", '"unit.months"', '"unit." + kind, word("system")')
    (code / "bot" / "page.html").write_text("{{ t('demo.' ~ name) }} {{ location.href }}", encoding="utf-8")
    (code / "bot" / "page.js").write_text('location.href = demo.style; t("demo.law")', encoding="utf-8")
    assert [fault for fault in faults(folder) if "no response" in fault] == []
    assert not any("unit.months" in fault for fault in faults(folder))


def test_a_german_term_of_office_that_was_lost_is_named(folder: Path, code: Path) -> None:
    edit(folder / "ar" / "LC_MESSAGES" / "lotse.po", "بها (Duldung)", "بها")
    assert [fault for fault in faults(folder) if "lost the German term (Duldung)" in fault]
