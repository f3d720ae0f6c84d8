"""Papers named by their paragraph: '§ 25 Abs. 5', '25.2', '104c', 'paragraph 24'."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Hit:
    """The paper that [start, end) of a normalised text names."""

    status: str
    start: int
    end: int


_SIGN = r"(?:§+|\bparagraphe?n?\b|\bparagrafe?n?\b|\bsection\b|\bpara\b|\bart\b|\barticle\b|باراغراف|بارجراف|\bال?فقره\b|\bال?بند\b|\bال?ماده\b)"
_PART = r"(?:\s*(?:abs(?:atz|\.)?|absatz|paragraph|فقره|بند|[./])\s*\.?\s*([1-5])(?!\d))"
# With the sign any number is a paragraph.
_SIGNED = re.compile(_SIGN + r"\s*(\d{2,3}\s?[a-g]?)\b" + _PART + "?")
# Without it only numbers that are nothing else in these messages.
_UNSIGNED = re.compile(r"(?<![\d.,/-])(25[ab]|104c|16g|60[abcd]|18[abdg]|19c)(?![\w])")
_DOTTED = re.compile(r"(?<![\d.,/-])25\s?(?:[./]|abs(?:atz|\.)?|فقره)\s?\.?\s*([1-5])(?![\d.,/:])(?!\s*(?:uhr|euro|€))")
_DATE_BEFORE = re.compile(
    r"(?:\bam|\bvom|\bbis|\bseit|\bab|\bon|\bsince|\bfrom|\buntil|يوم|منذ|تاريخ)\s*(?:zum\s*|dem\s*)?$"
)
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


def find(clean: str) -> list[Hit]:
    """Return the papers named by paragraph in a normalised text, in order and without overlaps."""
    hits: list[Hit] = []

    def add(status: str | None, start: int, end: int) -> None:
        if status and all(end <= hit.start or start >= hit.end for hit in hits):
            hits.append(Hit(status, start, end))

    for match in _SIGNED.finditer(clean):
        add(_status(match[1].replace(" ", ""), match[2], clean), *match.span())
    for match in _DOTTED.finditer(clean):
        if not _DATE_BEFORE.search(clean[: match.start()]):
            add(_status("25", match[1], clean), *match.span())
    for match in _UNSIGNED.finditer(clean):
        add(_WHOLE.get(match[1]), *match.span())
    return sorted(hits, key=lambda hit: hit.start)


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
