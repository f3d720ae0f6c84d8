"""Papers named by their paragraph: '§ 25 Abs. 5', '25.2', '104c', 'paragraph 24'."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from bot.nlu.lexicon import alternatives

_DIGIT = re.compile(r"\d")
_NEAR = 30  # letters before a number in which a word like 'since' makes it a date


@dataclass(frozen=True)
class Hit:
    """The paper that [start, end) of a normalised text names."""

    status: str
    start: int
    end: int


# German and what reads like it; how other languages say it is data (`paragraph_sign=`, `paragraph_part=`).
_SIGN = r"§+|\bparagraphe?n?\b|\bparagrafe?n?\b|\bsection\b|\bpara\b|\bart\b|\barticle\b"
_PART = r"abs(?:atz|\.)?|absatz|paragraph|[./]"
# Without the sign only numbers that are nothing else in these messages.
_UNSIGNED = re.compile(r"(?<![\d.,/-])(25[ab]|104c|16g|60[abcd]|18[abdg]|19c)(?![\w])")
# Behind the number of another law's paragraph: § 32 BeschV and § 30 AsylG name no paper. Of AsylG only these do.
_OTHER_LAW = re.compile(
    r"\s*(?:abs(?:atz|\.)?\s*\.?\s*\d+[a-z]?\s*)?(?:(?:satz|s\.|nr\.?|nummer)\s*\d+\s*)*"
    r"(?:der |des |vom |im |in the |of the )?(beschv|beschaftigungsverordnung|asylblg|asylbewerberleistungsgesetz|sgb|bgb|stgb|estg|bbig|integrv|deufov|"
    r"freizugg|grundgesetz|gg\b|asylg|asylgesetz|asylvfg|aufenthv|vwgo)"
)
_OF_ASYLG = frozenset({"55", "63", "63a"})
_BEFORE_DATE = r"\bam|\bvom|\bbis|\bseit|\bab|\bon|\bsince|\bfrom|\buntil"
_REFUGEE = re.compile(
    r"fluchtling(?!sheim|slager|sunterkunft|scamp)|refugee|لاجي|gfk|blaue?r? pass|alt(?:ernative|\.)? ?1"
)
_SUBSIDIARY = re.compile(r"subsid|ثانوي|فرعي|سوبسيد|alt(?:ernative|\.)? ?2")

# AufenthG, with the paragraphs of AsylG that name papers (55: Gestattung, 63a: Ankunftsnachweis).
_WHOLE = {
    "22": "ae_22",
    "23": "ae_23",
    "24": "ae_24",
    "25a": "ae_25a",
    "25b": "ae_25b",
    "104c": "ae_104c",
    "16g": "ae_16g",
    "55": "aufenthaltsgestattung",
    "63": "aufenthaltsgestattung",
    "63a": "ankunftsnachweis",
    "60a": "duldung",
    "60b": "duldung",
    "60c": "ausbildungsduldung",
    "60d": "beschaeftigungsduldung",
    "81": "fiktionsbescheinigung",
    "9": "niederlassungserlaubnis",
    "26": "niederlassungserlaubnis",
    "18a": "ae_18_work",
    "18b": "ae_18_work",
    "18d": "ae_18_work",
    "18g": "ae_18_work",
    "19c": "ae_18_work",
    **{str(number): "ae_family" for number in range(28, 37)},
}
_OF_25 = {"1": "ae_25_1", "3": "ae_25_3", "4": "ae_25_4", "5": "ae_25_5"}


class Finder:
    """Finds papers named by paragraph; made with the words that languages have for '§', for 'Absatz', and before dates."""

    def __init__(self, signs: Iterable[str] = (), parts: Iterable[str] = (), before_dates: Iterable[str] = ()) -> None:
        sign = "|".join(filter(None, (_SIGN, _bounded(signs))))
        part = "|".join(filter(None, (_PART, alternatives(parts))))
        subsection = rf"(?:\s*(?:{part})\s*\.?\s*([1-5])(?!\d))"
        # With the sign any number is a paragraph.
        self._signed = re.compile(rf"(?:{sign})\s*(\d{{2,3}}\s?[a-g]?)\b{subsection}?")
        self._dotted = re.compile(rf"(?<![\d.,/-])25\s?(?:{part})\s?\.?\s*([1-5])(?![\d.,/:])(?!\s*(?:uhr|euro|€))")
        before = "|".join(filter(None, (_BEFORE_DATE, _bounded(before_dates))))
        self._date_before = re.compile(rf"(?:{before})\s*(?:zum\s*|dem\s*)?$")

    def find(self, clean: str) -> list[Hit]:
        """Return the papers named by paragraph in a normalised text, in order and without overlaps."""
        hits: list[Hit] = []

        def add(status: str | None, start: int, end: int) -> None:
            if status and all(end <= hit.start or start >= hit.end for hit in hits):
                hits.append(Hit(status, start, end))

        if not _DIGIT.search(clean):
            return hits
        for match in self._signed.finditer(clean):
            number = match[1].replace(" ", "")
            if not _is_of_another_law(number, clean[match.end() :]):
                add(_status(number, match[2], clean), *match.span())
        for match in self._dotted.finditer(clean):
            if not self._date_before.search(clean[max(0, match.start() - _NEAR) : match.start()]):
                add(_status("25", match[1], clean), *match.span())
        for match in _UNSIGNED.finditer(clean):
            add(_WHOLE.get(match[1]), *match.span())
        return sorted(hits, key=lambda hit: hit.start)


def _is_of_another_law(number: str, behind: str) -> bool:
    law = _OTHER_LAW.match(behind)
    return law is not None and not (law[1].startswith("asyl") and number in _OF_ASYLG)


def _bounded(forms: Iterable[str]) -> str:
    found = alternatives(forms)
    return rf"(?<!\w)(?:{found})" if found else ""


def find(clean: str) -> list[Hit]:
    """Return the papers named by paragraph, with German words for '§' only."""
    return Finder().find(clean)


def _status(number: str, part: str | None, clean: str) -> str | None:
    """Return the paper of a paragraph.

    § 25 alone, or its Abs. 2 without a word on refugee or subsidiary protection, leaves the exact title open: the answer is
    'aufenthaltserlaubnis', and the assistant asks.
    """
    if number != "25":
        return _WHOLE.get(number)
    if part == "2":
        if _SUBSIDIARY.search(clean):
            return "ae_25_2_subsidiary"
        return "ae_25_2_refugee" if _REFUGEE.search(clean) else "aufenthaltserlaubnis"
    return _OF_25.get(part or "", "aufenthaltserlaubnis")
