"""Which language a person writes, and whether the conversation should follow."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml

WORDS = Path(__file__).with_name("language_words.yml")

_TOKEN = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_NOISE = re.compile(r"https?://\S+|\S+@\S+\.\S+|[\u064b-\u065f\u0670\u0640]")
# letters that only one of the languages in Arabic script has; not چ گ پ ی ک, which Iraqi keyboards know
_LETTER_SETS = {
    "ckb": frozenset("ەێۆڕڵڤ"),
    "ps": frozenset("ټډړږښګڼېۍځڅ"),
    "ur": frozenset("ےٹڈں"),
}
_PERSIAN = frozenset("پچژگ")
_UKRAINIAN = frozenset("іїєґ")
_KURMANJI, _TURKISH, _GERMAN = frozenset("êîû"), frozenset("ğşı"), frozenset("äöüß")
# first word of the Unicode name → language; where several share a script, the one met here
_SCRIPTS = {
    "ARABIC": "ar", "CYRILLIC": "ru", "ETHIOPIC": "ti", "GREEK": "el", "HEBREW": "he", "GEORGIAN": "ka",
    "ARMENIAN": "hy", "DEVANAGARI": "hi", "BENGALI": "bn", "TAMIL": "ta", "SINHALA": "si", "THAI": "th",
    "GURMUKHI": "pa", "CJK": "zh", "HIRAGANA": "ja", "KATAKANA": "ja", "HANGUL": "ko",
}  # fmt: skip
SHORT = 2  # so many words keep the conversation's language
CLEAR = 5  # so many words can speak against a language that was chosen
SURE = 0.9


@dataclass(frozen=True)
class Guess:
    """What a text looks like: a language (None: no idea), from 0 to 1 how sure, how many words spoke."""

    language: str | None
    sure: float
    words: int
    latin: bool


@dataclass(frozen=True)
class Decision:
    """The conversation's language from now on; `unsupported` names one we lack ("" one nobody knows)."""

    language: str
    unsupported: str | None = None


@dataclass(frozen=True)
class _Lists:
    votes: dict[str, frozenset[str]]  # word → languages that have it
    official: frozenset[str]


@lru_cache(maxsize=1)
def _lists() -> _Lists:
    data = yaml.safe_load(WORDS.read_text(encoding="utf-8"))
    votes: dict[str, frozenset[str]] = {}
    for language, words in data["words"].items():
        for word in words.split():
            votes[_plain(word)] = votes.get(_plain(word), frozenset()) | {language}
    return _Lists(votes, frozenset(_plain(word) for word in data["official"].split()))


def _plain(word: str) -> str:
    return unicodedata.normalize("NFC", word).casefold().replace("’", "'")


def _script(word: str) -> str:
    """Return the script of a word's first letter, as the first word of its Unicode name."""
    for char in word:
        if char.isalpha():
            return unicodedata.name(char, "UNKNOWN").split()[0]
    return ""


def guess(text: str) -> Guess:
    """Return the language a text looks like."""
    tokens = [_plain(token) for token in _TOKEN.findall(_NOISE.sub("", unicodedata.normalize("NFC", text)))]
    tokens = [token for token in tokens if any(char.isalpha() for char in token)]
    telling = [token for token in tokens if token not in _lists().official]
    if not telling:
        return Guess(None, 0.0, 0, True)
    script, count = Counter(_script(token) for token in telling).most_common(1)[0]
    own = [token for token in telling if _script(token) == script or script == "LATIN"]
    if script == "LATIN":
        return _latin(own)
    share = count / len(telling)
    code = _SCRIPTS.get(script)
    if code == "ar":
        return Guess(_arabic_script(own), share, count, False)
    if code == "ru":
        code = "uk" if _UKRAINIAN & set("".join(own)) else "ru"
    return Guess(code or "", share, count, False)


def _arabic_script(tokens: Sequence[str]) -> str:
    """Tell Arabic from the other languages of its script; in doubt it is Arabic."""
    letters = Counter("".join(tokens))
    for language, own in _LETTER_SETS.items():
        if sum(letters[letter] for letter in own) >= max(1, len(tokens) // 4):
            return language
    votes = _count(tokens, ("ar", "fa"))
    persian = votes["fa"] + (1 if _PERSIAN & letters.keys() else 0)
    return "fa" if persian >= 2 and persian > votes["ar"] else "ar"


def _count(tokens: Sequence[str], among: Sequence[str]) -> Counter[str]:
    """Count the words that speak for one of these languages alone."""
    votes: Counter[str] = Counter()
    for token in tokens:
        speaking = _lists().votes.get(token, frozenset()) & set(among)
        if len(speaking) == 1:
            votes[next(iter(speaking))] += 1
    return votes


_OURS = ("de", "en", "ar_latn")
_LATIN_LANGUAGES = ("de", "en", "fr", "tr", "ku", "es", "sq", "so", "ar_latn")


def _latin(tokens: Sequence[str]) -> Guess:
    """Tell languages in Latin script by their small words; ask langid where those are silent."""
    votes = _count(tokens, _LATIN_LANGUAGES)
    letters = set("".join(tokens))
    if votes and _GERMAN & letters and not _TURKISH & letters:
        votes["de"] += 1
    if len(tokens) >= 3 and _KURMANJI & letters and not votes["fr"]:
        votes["ku"] += 1
    if len(tokens) >= 3 and _TURKISH & letters and not _KURMANJI & letters:
        votes["tr"] += 1
    ranked = votes.most_common(2)
    if ranked:
        best, most = ranked[0]
        second = ranked[1][1] if len(ranked) > 1 else 0
        # one small word among many may be chance: Polish has 'i', too
        if most > second and (most > 1 or len(tokens) < 5):
            code = "ar" if best == "ar_latn" else best
            if best not in _OURS:
                # which of the languages we lack it is matters little; that it is none of ours matters
                second = max(votes[ours] for ours in _OURS)
            return Guess(code, most / (most + second), len(tokens), True)
    if len(tokens) < 3:
        return Guess(None, 0.0, len(tokens), True)
    return _langid(tokens, _LANGID_LANGUAGES)


_LANGID_LANGUAGES = ("de", "en", "fr", "tr", "ku", "es", "sq", "it", "pl", "ro", "hr", "pt", "nl")


@lru_cache(maxsize=1)
def _identifier():  # type: ignore[no-untyped-def]
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # its model takes most of a second to load

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages([code for code in _LANGID_LANGUAGES if code in identifier.labels])
    return identifier


def _langid(tokens: Sequence[str], among: Sequence[str]) -> Guess:
    ranked = [(code, sure) for code, sure in _identifier().rank(" ".join(tokens)) if code in among]
    total = sum(sure for _, sure in ranked)
    if not total:
        return Guess(None, 0.0, len(tokens), True)
    return Guess(ranked[0][0], ranked[0][1] / total, len(tokens), True)


def preload() -> None:
    """Load the word lists and the statistical model now instead of in the middle of somebody's turn."""
    _lists()
    _langid(("hallo", "hello", "bonjour"), _LANGID_LANGUAGES)


def decide(
    text: str,
    *,
    current: str,
    chosen: bool,
    new: bool,
    fresh: Callable[[], bool],
    offered: Sequence[str],
) -> Decision:
    """Return the language of the conversation after this text.

    `current` is the language until now, `chosen` whether the person chose it. `fresh` tells whether nothing
    was typed before (asked only where it matters): then one telling word is enough; later, one or two words
    keep the language, and a chosen one yields only to clear evidence. In a `new` conversation the choice may
    be no more than the page it began on: another script, or a whole sentence, counts for more.
    """
    found = guess(text)
    if found.language == current or found.language is None:
        return Decision(current)
    known = found.language in offered
    if not _enough(found, chosen, new, fresh, known):
        return Decision(current)
    return Decision(found.language) if known else Decision(current, found.language)


def _enough(found: Guess, chosen: bool, new: bool, fresh: Callable[[], bool], known: bool) -> bool:
    """True if a text says enough to follow its language."""
    if found.sure < (0.6 if found.words > SHORT and known else SURE):
        return False
    if not known:
        # saying 'I do not have your language' to somebody who wrote ours is worse than not understanding
        return found.words >= (4 if found.latin else 1) and (found.words > SHORT or fresh())
    if chosen:
        if new:
            return found.words > SHORT or not found.latin
        return found.words >= (CLEAR if found.latin else SHORT + 1)
    return found.words > SHORT or fresh()
