"""Which language a person writes, and whether the conversation should follow."""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml

from bot import language_model
from bot.language_model import LanguageModel

WORDS = Path(__file__).with_name("language_words.yml")

_NOISE = re.compile(r"https?://\S+|\S+@\S+\.\S+")
# letters that only one of the languages in Arabic script has; not چ گ پ ی ک, which Iraqi keyboards know
_LETTER_SETS = {
    "ckb": frozenset("ەێۆڕڵڤ"),
    "ps": frozenset("ټډړږښګڼېۍځڅ"),
    "ur": frozenset("ےٹڈں"),
}
# A greeting of all that write these letters: it tells the script and no more.
_GREETING = re.compile("سل+ا+م+")
OF_ARABIC_SCRIPT = ("ar", "ckb", "fa", "ps")
_NOT_ARABIC = frozenset("پچگژکی")
# What stands in letters of German offices, each counted once.
_LETTER_MARKS = tuple(
    re.compile(mark, re.IGNORECASE)
    for mark in (
        "sehr geehrte", "bescheid", "rechtsbehelf", "widerspruch", "aktenzeichen",
        "(?:mit freundlichen|freundliche) gr(?:ü|ue)(?:ß|ss)e", "§",
    )
)  # fmt: skip
LONG = 40  # a text of more words is seldom typed
_UKRAINIAN, _RUSSIAN = frozenset("іїєґ"), frozenset("ыэъё")
# endings and words that Tigrinya and Amharic do not share
_AMHARIC = re.compile("(?:ኝ|ነው|ናቸው|ለሁ|ችሁ)$")
_TIGRINYA = re.compile("^ኣ|ቐ|^(?:ናይ|እዩ|እየ|ካብ|ምስ|ንምንታይ|ከመይ|ኣብ|ሎሚ)$")
# first word of the Unicode name → language; where several share a script, the one met here
_SCRIPTS = {
    "ARABIC": "ar", "CYRILLIC": "ru", "ETHIOPIC": "ti", "GREEK": "el", "HEBREW": "he", "GEORGIAN": "ka",
    "ARMENIAN": "hy", "DEVANAGARI": "hi", "BENGALI": "bn", "TAMIL": "ta", "SINHALA": "si", "THAI": "th",
    "GURMUKHI": "pa", "CJK": "zh", "HIRAGANA": "ja", "KATAKANA": "ja", "HANGUL": "ko",
}  # fmt: skip
# Languages we lack in whose own words we can say so (`unsupported.…` in locales/responses/system.yml).
GREETED = frozenset({"am", "es", "so", "sq", "ur"})
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


def official_words() -> frozenset[str]:
    """Return the words of the counter that stand in messages of every language."""
    return _lists().official


def known_word(word: str) -> bool:
    """Return whether our examples, small words or words of the counter hold a word (as `language_model.words` gives it)."""
    lists = _lists()
    return word in lists.official or word in lists.votes or bool(_model().known([word]))


def _plain(word: str) -> str:
    return "".join(language_model.words(word))


def _script(word: str) -> str:
    """Return the script of a word's first letter, as the first word of its Unicode name."""
    for char in word:
        if char.isalpha():
            return unicodedata.name(char, "UNKNOWN").split()[0]
    return ""


_given: list[LanguageModel] = []


def _model() -> LanguageModel:
    return _given[-1] if _given else language_model.shipped(official_words())


@contextmanager
def using(model: LanguageModel) -> Iterator[None]:
    """Guess with another model for a while (the report, tests)."""
    _given.append(model)
    try:
        yield
    finally:
        _given.pop()


def guess(text: str) -> Guess:
    """Return the language a text looks like."""
    tokens = [token for token in language_model.words(_NOISE.sub("", text)) if any(char.isalpha() for char in token)]
    telling = [token for token in tokens if token not in _lists().official]
    if not telling:
        return Guess(None, 0.0, 0, True)
    scripts = Counter(_script(token) for token in telling)
    latin = scripts.pop("LATIN", 0)
    script, count = scripts.most_common(1)[0] if scripts else ("", 0)
    # German words stand in everybody's messages; words of another script stand in nobody's German
    if count * 2 < latin or not count:
        return _latin([token for token in telling if _script(token) == "LATIN"])
    own = [token for token in telling if _script(token) == script]
    share = min(1.0, count * 2 / (count + len(telling) - latin))
    if script == "ARABIC":
        return _arabic_script(own, share)
    if script == "CYRILLIC":
        return _cyrillic(own, share)
    if script == "ETHIOPIC":
        return Guess(_ethiopic(own), share, count, False)
    return Guess(_SCRIPTS.get(script, ""), share, count, False)


def _arabic_script(tokens: Sequence[str], share: float) -> Guess:
    """Tell Arabic from the other languages of its script: by letters, small words, letter groups; in doubt it is Arabic."""
    letters = Counter("".join(tokens))
    for language, own in _LETTER_SETS.items():
        if sum(letters[letter] for letter in own) >= max(1, len(tokens) // 4):
            return Guess(language, share, len(tokens), False)
    chances = _weighed(tokens, ("ar", "fa", "ps", "ckb"))
    best = max(chances, key=lambda language: (chances[language], language == "ar"))
    if best != "ar" and chances[best] < (0.55 if len(tokens) > SHORT else 0.8):
        best = "ar"
    return Guess(best, share, len(tokens), False)


def _cyrillic(tokens: Sequence[str], share: float) -> Guess:
    letters = set("".join(tokens))
    if bool(_UKRAINIAN & letters) != bool(_RUSSIAN & letters):
        return Guess("uk" if _UKRAINIAN & letters else "ru", share, len(tokens), False)
    chances = _weighed(tokens, ("ru", "uk"))
    return Guess("uk" if chances["uk"] > max(0.6, chances["ru"]) else "ru", share, len(tokens), False)


def _ethiopic(tokens: Sequence[str]) -> str:
    """Tell Tigrinya from Amharic; in doubt it is Tigrinya, which we have."""
    amharic = sum(bool(_AMHARIC.search(token)) for token in tokens)
    tigrinya = sum(bool(_TIGRINYA.search(token)) for token in tokens)
    return "am" if amharic > tigrinya else "ti"


def _count(tokens: Sequence[str], among: Sequence[str]) -> Counter[str]:
    """Count the words that speak for one of these languages alone."""
    votes: Counter[str] = Counter()
    for token in tokens:
        speaking = _lists().votes.get(token, frozenset()) & set(among)
        if len(speaking) == 1:
            votes[next(iter(speaking))] += 1
    return votes


# How much a small word of our list counts beside the letter groups (natural logarithm).
_VOTE = 1.5
_WITHOUT_EXAMPLES = 0.02


def _weighed(tokens: Sequence[str], among: Sequence[str]) -> dict[str, float]:
    """Return the share of each language, from letter groups of our examples and from small words."""
    votes = _count(tokens, among)
    seen = _model().scores(tokens, among)
    # a language without examples is judged by its small words alone
    logs = {code: math.log(seen.get(code, _WITHOUT_EXAMPLES) + 1e-4) + _VOTE * votes[code] for code in among}
    best = max(logs.values())
    weights = {code: math.exp(value - best) for code, value in logs.items()}
    whole = sum(weights.values())
    return {code: weight / whole for code, weight in weights.items()}


_OURS = (
    "de", "en", "fr", "tr", "ku", "ar_latn", "ckb_latn", "fa_latn", "ps_latn", "ru_latn", "uk_latn", "ti_latn",
)  # fmt: skip
_LACKING = ("es", "sq", "so")
_LANGID_LANGUAGES = ("de", "en", "fr", "tr", "ku", "es", "sq", "it", "pl", "ro", "hr", "pt", "nl", "sw")
# langid's opinion counts so much beside ours; it has read much more, but no chats.
_LANGID_WEIGHT = 0.5
# A text of whose words we know so many is not in a language we lack.
_KNOWN = 0.5


def _latin(tokens: Sequence[str]) -> Guess:
    """Tell languages in Latin script: small words, letter groups of our examples, and langid for whole sentences."""
    votes = _count(tokens, (*_OURS, *_LACKING))
    spoken = max((votes[code] for code in _OURS), default=0)
    lacking = max(_LACKING, key=lambda code: votes[code])
    known = _model().known(tokens)
    if votes[lacking] > max(1, spoken) and known < 0.8:
        sure = votes[lacking] / (votes[lacking] + spoken)
        if len(tokens) > SHORT and known < _KNOWN:
            sure = max(sure, _langid(tokens).get(lacking, 0.0))
        return Guess(lacking, sure, len(tokens), True)
    among = [code for code in _OURS if not code.endswith("_latn") or code in _model().languages or votes[code]]
    chances = _weighed(tokens, among)
    if len(tokens) <= SHORT and not spoken and not known:
        return Guess(None, 0.0, len(tokens), True)
    if len(tokens) > SHORT:
        opinion = _langid(tokens)
        other = max(opinion, key=lambda code: opinion[code], default=None)
        if other and other not in _OURS and opinion[other] > SURE and spoken < 2 and known < _KNOWN:
            return Guess(other, opinion[other], len(tokens), True)
        logs = {
            code: math.log(chance + 1e-6) + _LANGID_WEIGHT * math.log(opinion.get(code, 0.02) + 1e-3)
            for code, chance in chances.items()
        }
        best = max(logs.values())
        weights = {code: math.exp(value - best) for code, value in logs.items()}
        whole = sum(weights.values())
        chances = {code: weight / whole for code, weight in weights.items()}
    best_code = max(chances, key=lambda code: chances[code])
    return Guess(best_code.removesuffix("_latn"), chances[best_code], len(tokens), True)


@lru_cache(maxsize=1)
def _identifier():  # type: ignore[no-untyped-def]
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # its model takes most of a second to load

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages([code for code in _LANGID_LANGUAGES if code in identifier.labels])
    return identifier


def _langid(tokens: Sequence[str]) -> dict[str, float]:
    return {code: float(sure) for code, sure in _identifier().rank(" ".join(tokens))}


def preload() -> None:
    """Load the word lists and the statistical model now instead of in the middle of somebody's turn."""
    _lists()
    _model()
    _langid(("hallo", "hello", "bonjour"))


def only_greets(text: str) -> bool:
    """Return True for a bare 'سلام': Arabic, Persian, Pashto and Kurdish begin with it."""
    tokens = language_model.words(text)
    return bool(tokens) and all(_GREETING.fullmatch(token) for token in tokens)


def has_letter_marks(text: str) -> bool:
    """Return True if a text has two of the marks of a letter from a German office."""
    return sum(bool(mark.search(text)) for mark in _LETTER_MARKS) > 1


def is_letter(text: str) -> bool:
    """Return True for a letter of an office that was pasted: its marks, and longer than a question about it."""
    return len(text.split()) > LONG and has_letter_marks(text)


def _after_greeting(text: str, found: Guess, current: str) -> Guess:
    """Return the language of the first words after a bare 'سلام': here Arabic is not what it is in doubt."""
    if found.language != "ar":
        return found
    shares = _weighed(language_model.words(text), OF_ARABIC_SCRIPT)
    if shares["ar"] > (0.5 if _NOT_ARABIC & set(text) else 0.2):
        return found
    others = {code: share for code, share in shares.items() if code != "ar"}
    likely = [code for code, share in others.items() if share > max(others.values()) / 2]
    # Persian and Pashto share many words, and more people write Persian
    best = current if current in likely else "fa" if "fa" in likely else max(others, key=others.__getitem__)
    return Guess(best, found.sure, found.words, found.latin)


def decide(
    text: str,
    *,
    current: str,
    chosen: bool,
    new: bool,
    fresh: Callable[[], bool],
    offered: Sequence[str],
    greeted: Callable[[], bool] = lambda: False,
) -> Decision:
    """Return the language of the conversation after this text.

    `current` is the language until now, `chosen` whether the person chose it. `fresh` tells whether nothing
    was typed before (asked only where it matters): then one telling word is enough; later, one or two words
    keep the language, and a chosen one yields only to clear evidence. In a `new` conversation the choice may
    be no more than the page it began on: another script, or a whole sentence, counts for more. A bare 'سلام' changes
    nothing; `greeted` tells whether there was nothing else before, and then the conversation is still a new one.
    """
    if only_greets(text):
        return Decision(current)
    found = guess(text)
    if found.language != current and not found.latin and greeted():
        new, fresh, found = True, lambda: True, _after_greeting(text, found, current)
    if found.language == current or found.language is None:
        return Decision(current)
    if found.language == "de" and (has_letter_marks(text) or (len(text.split()) > LONG and (chosen or not fresh()))):
        # a letter somebody got says nothing about the language they speak
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
