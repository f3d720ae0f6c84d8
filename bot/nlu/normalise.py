"""One spelling for many: the same word typed on different keyboards becomes the same string.

Arabic, Persian, Pashto, Sorani, Latin (with Turkish and Kurmanji letters), Cyrillic and Ethiopic script.

Everything that compares text (concepts, entities, classifier) compares normalised text. Standard library only.
"""

from __future__ import annotations

import functools
import re
import unicodedata

# Arabic script: letters that keyboards, languages and habits swap for one another.
_ARABIC_FORMS = str.maketrans(
    {
        "أ": "ا",
        "إ": "ا",
        "آ": "ا",
        "ٱ": "ا",
        "ى": "ي",
        "ئ": "ي",
        "ی": "ي",
        "ې": "ي",
        "ۍ": "ي",
        "ێ": "ي",
        "ے": "ي",
        "ؤ": "و",
        "ۆ": "و",
        "ۇ": "و",
        "ة": "ه",
        "ۀ": "ه",
        "ە": "ه",
        "ہ": "ه",
        "ھ": "ه",
        "ۂ": "ه",
        "ۃ": "ه",
        "ک": "ك",
        "ڪ": "ك",
        "ګ": "گ",
        "ڵ": "ل",
        "ڕ": "ر",
        "ں": "ن",
        "ڤ": "ف",
        "ۋ": "و",
        "ٲ": "ا",
        "ٳ": "ا",
        "ء": "",
    }
)
# Letters of other scripts that a plain keyboard lacks.
_OTHER_FORMS = str.maketrans(
    {
        "ı": "i",
        "ø": "o",
        "ł": "l",
        "đ": "d",
        "æ": "ae",
        "œ": "oe",
        "ё": "е",
        "ґ": "г",
        "ϲ": "c",
        "’": "'",
        "‘": "'",
        "ʼ": "'",
        "`": "'",
        "´": "'",
        "ʹ": "'",
        "′": "'",
        "＇": "'",
        "‐": "-",
        "‑": "-",
        "‒": "-",
        "–": "-",
        "—": "-",
        "−": "-",
        "،": ",",
        "؛": ";",
        "؟": "?",
        "٫": ".",
        "٬": "",
        "۔": ".",
        "፡": " ",
        "።": ".",
        "፣": ",",
        "፤": ";",
        "፥": ":",
        "፦": ":",
        "፧": "?",
    }
)


def _row(first: int, onto: int, count: int = 8) -> dict[int, int]:
    """Map a row of Ethiopic letters (one consonant, all vowels) onto another."""
    return {first + i: onto + i for i in range(count)}


# Ethiopic letters of one sound, which people write one for the other: ሐ ኀ as ሀ, ሠ as ሰ, ፀ as ጸ, ዐ as አ; ኣ as አ, ሃ as ሀ.
_ETHIOPIC_FORMS = {
    **_row(0x1210, 0x1200),
    **_row(0x1280, 0x1200),
    **_row(0x1220, 0x1230),
    **_row(0x1340, 0x1338),
    **_row(0x12D0, 0x12A0, 7),
}
_ETHIOPIC_FORMS = {
    **{letter: {0x12A3: 0x12A0, 0x1203: 0x1200}.get(onto, onto) for letter, onto in _ETHIOPIC_FORMS.items()},
    0x12A3: 0x12A0,
    0x1203: 0x1200,
}
_ETHIOPIC = re.compile("[\u1200-\u137f]")
_ETHIOPIC_NUMBER = re.compile("[\u1369-\u137c]+")
# Arabic vowel signs and Quranic marks, tatweel; joiners, bidi controls, soft hyphen, variation selectors, BOM.
_DROPPED = re.compile(
    "[\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed\u0640"
    "\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\ufff9-\ufffb\U000e0000-\U000e01ef]"
)
_LATIN_MARKED = re.compile("([a-z])[\u0300-\u036f]+")
_REPEATS = re.compile(r"([^\W\d_])\1{2,}")
_MIXED = re.compile(r"(?=\w*[a-z])(?=\w*[а-яіїє])\w+")
# Persian 'می خواهم' is one word; the blank stands for a joiner that phones lack.
_PERSIAN_VERB = re.compile(r"(?<!\w)(ن?مي) (?=[\u0620-\u06ff]{2})")
# Pashto 'مې' (me, my) would look like it once its letter is folded; doubled, it stays a word of its own.
_PASHTO_MY = re.compile(r"(?<!\w)مې(?!\w)")
_LEVEL = re.compile(r"\b([авс])([12])\b")
_SPACES = re.compile(r"\s+")
_CYRILLIC_TO_LATIN = str.maketrans("аесорхуівкмнт", "aecopxyibkmht")
_LATIN_TO_CYRILLIC = str.maketrans("aecopxyibkmht", "аесорхуівкмнт")
# 'iii' is a number (SGB III), not an emphasis.
_MEANT_REPEATS = frozenset({"iii", "www"})


def _ascii_digits(text: str) -> str:
    if text.isascii():
        return text
    return "".join(str(unicodedata.digit(c)) if unicodedata.category(c) == "Nd" else c for c in text)


def _ethiopic_number(match: re.Match[str]) -> str:
    """Write Ethiopic numerals with digits: ፳፭ is 25, ፻፳ is 120."""
    total = part = 0
    for sign in match.group():
        value = int(unicodedata.numeric(sign))
        if value >= 100:
            total, part = (total + max(part, 1)) * value, 0
        else:
            part += value
    return str(total + part)


def _one_script(match: re.Match[str]) -> str:
    """Write a word that mixes Latin and Cyrillic in the script that most of its letters have."""
    word = match.group()
    cyrillic = sum(1 for c in word if "а" <= c <= "я" or c in "іїє")
    latin = sum(1 for c in word if "a" <= c <= "z")
    return word.translate(_LATIN_TO_CYRILLIC if cyrillic >= latin else _CYRILLIC_TO_LATIN)


def _repeat(match: re.Match[str]) -> str:
    return match.group() if match.group() in _MEANT_REPEATS else match.group(1)


def _controls_to_space(text: str) -> str:
    return "".join(" " if unicodedata.category(c) in ("Cc", "Zl", "Zp") else c for c in text)


def _once(text: str) -> str:
    text = unicodedata.normalize("NFKC", text)
    text = _PASHTO_MY.sub("مېې", _DROPPED.sub("", text).casefold())
    text = text.translate(_OTHER_FORMS).translate(_ARABIC_FORMS)
    text = _ascii_digits(text)
    if _ETHIOPIC.search(text):
        text = _ETHIOPIC_NUMBER.sub(_ethiopic_number, text).translate(_ETHIOPIC_FORMS)
    if not text.isascii():
        text = _LATIN_MARKED.sub(r"\1", unicodedata.normalize("NFD", text))
        text = unicodedata.normalize("NFC", text).translate(_OTHER_FORMS).translate(_ARABIC_FORMS)
        text = _MIXED.sub(_one_script, text)
        text = _LEVEL.sub(lambda m: m.group(1).translate(_CYRILLIC_TO_LATIN).replace("v", "b") + m.group(2), text)
    text = _REPEATS.sub(_repeat, text)
    text = _SPACES.sub(" ", _controls_to_space(text)).strip()
    return _PERSIAN_VERB.sub(r"\1", text) if "مي " in text else text


@functools.lru_cache(maxsize=4096)
def normalise(text: str) -> str:
    """Return the text in one spelling: small letters, no accents on Latin letters, one form of each Arabic letter,
    ASCII digits, no invisible characters, no emphatic repeats, single spaces. Normalising twice changes nothing.
    """
    for _ in range(6):
        again = _once(text)
        if again == text:
            break
        text = again
    return text


# A word is a run of letters and digits of any script; '§' is a word of its own.
_WORD = re.compile(r"§|[^\W_]+")
# In "don't" and "what's" the apostrophe is no border; in "m'inscrire" it is one in French, which costs little.
_APOSTROPHE = re.compile(r"(?<=\w)'(?=\w)")


def words(normalised: str) -> list[str]:
    """Return the words of a normalised text, apostrophes inside words removed."""
    return _WORD.findall(_APOSTROPHE.sub("", normalised))
