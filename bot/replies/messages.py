"""Keep the catalogues in step with the English sentences.

`python -m bot.replies.messages update` extracts the sentences and updates every .po;
`python -m bot.replies.messages check` names every fault with the command that mends it, and exits with 1.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po, write_po

from bot.replies.catalogues import DOMAIN, fix_plural, po_path
from bot.replies.extract import KEYWORDS
from bot.replies.languages import LOCALES, Language, Languages, load_languages
from bot.replies.scan import name_faults
from bot.replies.specs import Spec, SpecError, gaps, load_specs

UPDATE = "python -m bot.replies.messages update"
CHANGING = re.compile(
    r'^"(POT-Creation-Date|PO-Revision-Date|Generated-By|Last-Translator|Language-Team|Report-Msgid-Bugs-To).*\n',
    re.M,
)
CHECKED_HEADER = re.compile(r'^"Plural-Forms: (.*)\\n"$', re.M)


@dataclass(frozen=True)
class Fault:
    """Something wrong with the sentences, and what mends it."""

    where: str
    what: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}\n    → {self.remedy}"


def extract(folder: Path = LOCALES) -> Catalog:
    """Return all English sentences as a template (POT)."""
    template = Catalog(project="Lotse", version="1", charset="utf-8", fuzzy=False)
    config = folder.parent / "babel.cfg" if folder == LOCALES else LOCALES.parent / "babel.cfg"
    with config.open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)
    found = extract_from_dir(folder, methods, options, keywords=KEYWORDS)
    for name, line, message, comments, context in found:
        template.add(message, None, [(f"{folder.name}/{name}", line)], auto_comments=comments, context=context)
    return template


# German words of office in brackets, as they stand on people's papers: the reader must be able to find them there.
TERMS = re.compile(
    r"\(([^(){}]*(?:[äöüß][^(){}]*|(?:[Uu]ng|[Aa]mt|[Ss]chein|[Kk]urs|[Nn]achweis|[Gg]eld|[Tt]itel|[Gg]esetz|[Cc]enter)))\)"
)
# Sentences in a language we lack and the names of those we have, said in that language whatever the reader's is.
AS_THEY_STAND = ("unsupported.", "choice.language.")


def updated(old: Catalog | None, template: Catalog, language: Language) -> Catalog:
    """Return a catalogue with exactly the template's entries and every translation that is still of use.

    A sentence whose English changed keeps its translation, marked fuzzy; so does one that was renamed.
    """
    new = Catalog(locale=language.formats, project="Lotse", version="1", charset="utf-8", fuzzy=False)
    fix_plural(new, language)
    by_context = {m.context: m for m in old if m.id} if old else {}
    wanted = {m.context for m in template if m.id}
    orphans = {m.id: m for context, m in by_context.items() if context not in wanted and _said(m)}
    for source in template:
        if not source.id:
            continue
        before = by_context.get(source.context)
        renamed = orphans.get(source.id) if before is None else None
        kept = before or renamed
        message = new.add(source.id, None, source.locations, auto_comments=source.auto_comments, context=source.context)
        if source.context.startswith(AS_THEY_STAND):
            message.string = source.id
        elif kept is not None and _said(kept) and kept.pluralizable == source.pluralizable:
            message.string = kept.string
            message.user_comments = kept.user_comments
            if kept.fuzzy or renamed is not None or kept.id != source.id:
                message.flags.add("fuzzy")
                message.previous_id = list(kept.previous_id if kept.id == source.id else _ids(kept))
    return new


def _ids(message: Message) -> tuple[str, ...]:
    return message.id if isinstance(message.id, tuple) else (message.id,)


def _said(message: Message) -> bool:
    return any(message.string) if isinstance(message.string, tuple | list) else bool(message.string)


def serialised(catalog: Catalog) -> str:
    """Return the .po text without dates and line numbers, so that nothing changes unless a sentence does."""
    buffer = BytesIO()
    write_po(buffer, catalog, width=0, include_lineno=False, include_previous=True)
    text = CHANGING.sub("", buffer.getvalue().decode("utf-8"))
    # the comment block above the header holds a year and an invented author
    return text[text.index('msgid ""') :].rstrip("\n") + "\n"


def read_catalogue(path: Path, language: Language) -> Catalog:
    """Read a .po with the plural header of languages.yml.

    The earlier English of a sentence that was looked at again ('#|') is dropped: babel would keep it as a translator's comment.
    """
    with path.open("rb") as file:
        catalog = read_po(file, locale=language.formats)
    fix_plural(catalog, language)
    for message in catalog:
        message.user_comments = [comment for comment in message.user_comments if not comment.startswith("|")]
    return catalog


def update(folder: Path = LOCALES) -> list[str]:
    """Rewrite the template and every catalogue; return one line per catalogue on what is left to do."""
    languages = load_languages(folder)
    template = extract(folder)
    (folder / f"{DOMAIN}.pot").write_text(serialised(template), encoding="utf-8")
    lines = []
    for code, language in languages.all.items():
        path = po_path(code, folder)
        if code == languages.source or not (language.offered or path.exists()):
            continue
        old = read_catalogue(path, language) if path.exists() else None
        new = updated(old, template, language)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(serialised(new), encoding="utf-8")
        entries = [m for m in new if m.id]
        empty = sum(1 for m in entries if not _complete(m, language))
        fuzzy = sum(1 for m in entries if m.fuzzy)
        lines.append(f"{code}: {len(entries)} sentences, {empty} to translate, {fuzzy} to look at again")
    return lines


def check(folder: Path = LOCALES, code_root: Path | None = None) -> list[Fault]:
    """Return every fault of the sentences, the catalogues and the names used by code."""
    try:
        languages = load_languages(folder)
        specs = load_specs(folder)
    except SpecError as problem:
        return [Fault("locales/responses", fault, "correct the entry") for fault in problem.faults]
    faults = []
    for code in languages.translated:
        faults += catalogue_faults(languages[code], specs, languages, folder)
    for name, what, remedy in name_faults(specs, code_root or folder.parent):
        faults.append(Fault(name, what, remedy))
    return faults


def catalogue_faults(language: Language, specs: dict[str, Spec], languages: Languages, folder: Path) -> Iterator[Fault]:
    """Yield what is wrong with one catalogue."""
    path = po_path(language.code, folder)
    shown = path.relative_to(folder.parent).as_posix()
    if not path.exists():
        yield Fault(shown, "there is no catalogue", UPDATE)
        return
    text = path.read_text(encoding="utf-8")
    header = CHECKED_HEADER.search(text)
    if header is None or header[1].rstrip(";") != language.plural.rstrip(";"):
        yield Fault(shown, f"the plural header is not the one of languages.yml ({language.plural})", UPDATE)
    try:
        catalog = read_catalogue(path, language)
    except ValueError as problem:
        yield Fault(shown, f"cannot be read: {problem}", "correct the file")
        return
    expected = {ctx: (text, plural, spec) for spec in specs.values() for ctx, text, plural in spec.entries()}
    present = {message.context: message for message in catalog if message.id}
    for context, (text, plural, spec) in expected.items():
        message = present.get(context)
        if message is None or _ids(message) != ((text,) if plural is None else (text, plural)):
            yield Fault(f"{shown}, {context}", "is missing" if message is None else "its English changed", UPDATE)
        else:
            yield from _message_faults(f"{shown}, {context}", message, spec, language)
    for context in sorted(str(c) for c in present.keys() - expected.keys()):
        yield Fault(f"{shown}, {context}", "is obsolete: no response has this name", UPDATE)


def _complete(message: Message, language: Language) -> bool:
    if isinstance(message.id, tuple):
        strings = message.string if isinstance(message.string, tuple | list) else ()
        return len(strings) == language.plural_forms and all(strings)
    return bool(message.string)


def _message_faults(where: str, message: Message, spec: Spec, language: Language) -> Iterator[Fault]:
    if not _complete(message, language):
        # A language that is only begun speaks English where it has no words yet; languages.yml says so openly.
        if language.state == "begun":
            return
        many = f" (all {language.plural_forms} forms)" if isinstance(message.id, tuple) else ""
        yield Fault(where, "is not translated", f"write its msgstr{many}")
        return
    if message.fuzzy:
        yield Fault(where, "is fuzzy: its English changed", "correct the msgstr and delete the line '#, fuzzy'")
    forms = message.string if isinstance(message.string, tuple | list) else (message.string,)
    for number, form in enumerate(forms):
        yield from _gap_faults(where, form, message, spec, language, number)
        yield from _term_faults(where, form, message, language)


def _term_faults(where: str, form: str, message: Message, language: Language) -> Iterator[Fault]:
    """Yield the German terms of office that the English sentence names in brackets and this form has lost."""
    if language.code == "de":
        # the German sentence may inflect its own word
        return
    for term in sorted({term for text in _ids(message) for term in TERMS.findall(text)}):
        if term not in form:
            yield Fault(where, f"msgstr lost the German term ({term})", "keep the German word in brackets")


def _gap_faults(
    where: str, form: str, message: Message, spec: Spec, language: Language, number: int
) -> Iterator[Fault]:
    try:
        have = gaps(form)
    except ValueError as problem:
        yield Fault(where, f"msgstr: {problem}", "write gaps as in the English sentence, {like_this}")
        return
    ids = _ids(message)
    allowed = set().union(*(gaps(text) for text in ids))
    # The longest sentence names every gap that must be said …
    needed = gaps(ids[-1])
    if len(ids) > 1:
        # … but "one place", "two places" may be words, with no figure in them
        needed = needed - ({spec.count} if spec.count and _names_one_count(language, number) else set())
    if language.code == "de":
        # a German reader needs no German word in brackets behind the German word
        needed = {gap for gap in needed if not _german(spec.kind(gap) or "")}
    for gap in sorted(needed - have):
        yield Fault(where, f"msgstr[{number}] lost {{{gap}}}", "put the gap back into the msgstr")
    for gap in sorted(have - allowed):
        yield Fault(where, f"msgstr[{number}] has {{{gap}}}, which the English has not", "remove the gap")


def _german(kind: str) -> bool:
    return kind.endswith("_de") or kind.startswith("german:")


def _names_one_count(language: Language, form: int) -> bool:
    """True if this plural form is used for one single number below 100 (so the number may be a word)."""
    return sum(1 for n in range(200) if language.plural_form(n) == form) == 1


def main(arguments: list[str]) -> int:
    """Run `update` or `check`; return a process exit code."""
    if arguments == ["update"]:
        try:
            sys.stdout.write("\n".join(update()) + "\n")
        except SpecError as problem:
            sys.stdout.write(f"{problem}\n")
            return 1
        return 0
    if arguments == ["check"]:
        faults = check()
        sys.stdout.write("".join(f"{fault}\n" for fault in faults))
        sys.stdout.write(f"{len(faults)} faults\n" if faults else "sentences and catalogues: no faults\n")
        return 1 if faults else 0
    sys.stderr.write(f"{__doc__}\n")
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
