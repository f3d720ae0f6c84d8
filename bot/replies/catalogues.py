"""Compiled translations (gettext), one catalogue per language."""

from __future__ import annotations

import logging
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from bot.replies.languages import LOCALES, Language

log = logging.getLogger(__name__)
DOMAIN = "lotse"


def po_path(code: str, folder: Path = LOCALES) -> Path:
    """Where translators work."""
    return folder / code / "LC_MESSAGES" / f"{DOMAIN}.po"


class _Nothing(NullTranslations):
    """Says None for what a catalogue lacks, so that a missing sentence is told from an equal one."""

    def pgettext(self, context: str, message: str) -> str:
        return None  # type: ignore[return-value]

    def npgettext(self, context: str, msgid1: str, msgid2: str, n: int) -> str:
        return None  # type: ignore[return-value]


class Catalogue:
    """The sentences of one language."""

    def __init__(self, translations: NullTranslations) -> None:
        translations.add_fallback(_Nothing())
        self._translations = translations

    def sentence(self, context: str, text: str) -> str | None:
        """Return the translation, None if there is none."""
        return self._translations.pgettext(context, text) or None

    def counted(self, context: str, text: str, plural: str, n: int) -> str | None:
        """Return the translation for this count, None if there is none."""
        return self._translations.npgettext(context, text, plural, n) or None


def compiled(po: Path, language: Language) -> bytes:
    """Return the .mo of a .po, with the plural header of languages.yml; fuzzy sentences are left out."""
    with po.open("rb") as file:
        catalog = read_po(file, locale=language.formats)
    fix_plural(catalog, language)
    buffer = BytesIO()
    write_mo(buffer, catalog, use_fuzzy=False)
    return buffer.getvalue()


def fix_plural(catalog: Catalog, language: Language) -> None:
    """Give a catalogue the plural header of languages.yml, whatever Babel thinks of the language."""
    # Babel has no public way to set these two, and derives other ones from the locale
    catalog._num_plurals = language.plural_forms
    catalog._plural_expr = language.plural.split("plural=")[1].rstrip(";")


def open_catalogue(language: Language, folder: Path = LOCALES) -> Catalogue:
    """Return the catalogue of a language; compile it in memory, and say so, if nobody has."""
    po = po_path(language.code, folder)
    mo = po.with_suffix(".mo")
    if not po.exists() and not mo.exists():
        log.error("%s: no catalogue; run: python -m bot.replies.messages update", language.code)
        return Catalogue(NullTranslations())
    if po.exists() and (not mo.exists() or mo.stat().st_mtime < po.stat().st_mtime):
        what = "older than its .po" if mo.exists() else "missing"
        log.warning("%s: the compiled catalogue is %s; run: python -m bot.replies.compile", language.code, what)
        return Catalogue(GNUTranslations(BytesIO(compiled(po, language))))
    with mo.open("rb") as file:
        return Catalogue(GNUTranslations(file))
