"""A small model of letter groups and words that tells our languages apart, learned from our own examples.

Libraries know no Sorani, Tigrinya or Arabic in Latin letters, and Kurmanji and Pashto badly; our training examples and lexicon have
them all. `python -m bot.language_model` learns and keeps it (part of `make build`); without the file it is learned in a second
when the application starts.
"""

from __future__ import annotations

import hashlib
import re
import sys
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np

from bot.nlu.names import Names, lines

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "data"
KEPT = ROOT / ".build"
LONGEST_GROUP = 4
# Of each language so many examples are read (spread over its files) …
MOST_EXAMPLES = 1500
# … and so many features are kept.
MOST_FEATURES = 30_000
SMOOTHING = 0.3
PRECISION = 16  # steps of a logarithm that are told apart
# A language of fewer letter groups than this in its examples is left out: a few words of Russian in Latin letters prove nothing.
FEWEST = 2000
# What is written in Latin letters by those whose language has another script: Arabizi, Finglish, …
LATIN = "_latn"
_EXAMPLE = re.compile(r"^\s+- (.+)$")
_LETTERS = re.compile(r"[^\W_]+(?:['’ʼ-][^\W_]+)*")
_FOLDED = str.maketrans({"’": "'", "ʼ": "'", "ك": "ک", "ي": "ی", "ى": "ی", "أ": "ا", "إ": "ا", "آ": "ا", "ة": "ه"})
_INVISIBLE = re.compile("[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\u064b-\u065f\u0670\u0640]")


def words(text: str) -> list[str]:
    """Return the words of a text as the model reads them: small letters, one form of letters that keyboards swap."""
    plain = unicodedata.normalize("NFC", _INVISIBLE.sub("", unicodedata.normalize("NFKC", text))).casefold()
    return _LETTERS.findall(unicodedata.normalize("NFC", plain).translate(_FOLDED))


def features(word: str) -> Iterator[str]:
    """Yield the letter groups of a word (with a blank at both ends) and the word itself."""
    padded = f" {word[:30]} "
    for size in range(1, LONGEST_GROUP + 1):
        for start in range(len(padded) - size + 1):
            group = padded[start : start + size]
            if group != " ":
                yield group
    yield f"={word}"


def is_latin(word: str) -> bool:
    """Return whether a word is written in Latin letters."""
    letter = next((char for char in word if char.isalpha()), "")
    return bool(letter) and unicodedata.name(letter, "").startswith("LATIN")


class LanguageModel:
    """Naive Bayes over letter groups; all languages are equally likely beforehand.

    `table`: one row a feature, one column a language: logarithms in steps of 1/PRECISION, as 16-bit whole numbers.
    """

    def __init__(self, languages: Sequence[str], features: Names, table: np.ndarray, spelt: Sequence[str] = ()) -> None:
        self.languages = tuple(languages)
        self._features = features
        self._table = table
        self._spelt = spelt  # the features' names, for saving

    def scores(self, tokens: Iterable[str], among: Sequence[str] | None = None) -> dict[str, float]:
        """Return the share (0…1) of each language for some words; a language without examples has none."""
        places = [i for i, language in enumerate(self.languages) if among is None or language in among]
        rows = self._features.columns([feature for token in tokens for feature in features(token)])
        rows = rows[rows >= 0]
        if not places or not len(rows):
            return {}
        # Letter groups overlap: each word is counted about as often as it has letters, which makes sums too sure.
        logs = self._table[rows][:, places].sum(axis=0, dtype=np.int64) / (PRECISION * LONGEST_GROUP)
        weights = np.exp(logs - logs.max())
        weights /= weights.sum()
        return {self.languages[place]: float(weight) for place, weight in zip(places, weights, strict=True)}

    def known(self, tokens: Sequence[str]) -> float:
        """Return the share of words that the examples of some language hold as they stand."""
        return float((self._features.columns([f"={token}" for token in tokens]) >= 0).mean()) if tokens else 0.0

    def save(self, path: Path) -> None:
        """Write the model (plain arrays, no code)."""
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_suffix(".new")
        spelt = np.frombuffer("\n".join(self._spelt).encode(), dtype=np.uint8)
        with fresh.open("wb") as file:
            np.savez_compressed(file, languages=np.array(self.languages), features=spelt, table=self._table)
        fresh.replace(path)

    @classmethod
    def load(cls, path: Path) -> LanguageModel:
        """Read a model written by `save`."""
        with np.load(path, allow_pickle=False) as arrays:
            names = Names(lines(arrays["features"].tobytes().decode()))
            return cls(arrays["languages"].tolist(), names, arrays["table"])


def examples(data: Path = DATA) -> Iterator[tuple[str, str]]:
    """Yield (language, text): training examples, and the forms of the lexicon."""
    for folder in sorted((data / "nlu").glob("*")):
        lines = [
            match[1]
            for path in sorted(folder.glob("*.yml"))
            for line in path.read_text(encoding="utf-8").splitlines()
            if (match := _EXAMPLE.match(line))
        ]
        step = max(1, len(lines) // MOST_EXAMPLES)
        yield from ((folder.name, line) for line in lines[::step])
    for path in sorted((data / "lexicon" / "concepts").glob("*.tsv")):
        for line in path.read_text(encoding="utf-8").splitlines():
            columns = line.split("\t")
            if not line.startswith("#") and len(columns) == 3:
                yield from ((columns[1], form.replace("*", "")) for form in columns[2].split("|"))


def learn(texts: Iterable[tuple[str, str]], official: frozenset[str] = frozenset()) -> LanguageModel:
    """Return a model of these (language, text) pairs; `official` words say nothing about a language."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    own_script: Counter[str] = Counter()
    latin: dict[str, list[list[str]]] = defaultdict(list)
    for language, text in texts:
        tokens = [token for token in words(text) if token not in official and not token.isdigit()]
        foreign = [token for token in tokens if is_latin(token)]
        own = [token for token in tokens if not is_latin(token)]
        own_script[language] += 4 * len(own) - len(foreign)
        latin[language].append(foreign)
        for token in own:
            counts[language].update(features(token))
    for language, messages in latin.items():
        other_script = own_script[language] > 0
        for tokens in messages:
            # one Latin word inside an Arabic message is a German one
            if not other_script or len(tokens) > 1:
                for token in tokens:
                    counts[language + (LATIN if other_script else "")].update(features(token))
    return _model({language: found for language, found in counts.items() if found.total() >= FEWEST})


def _model(counts: Mapping[str, Counter[str]]) -> LanguageModel:
    languages = sorted(counts)
    kept: set[str] = set()
    for found in counts.values():
        kept.update(feature for feature, count in found.most_common(MOST_FEATURES) if count > 1)
    spelt = sorted(kept)
    logs = np.zeros((len(spelt), len(languages)))
    for column, language in enumerate(languages):
        found = np.array([counts[language][feature] for feature in spelt])
        total = sum(counts[language].values()) + SMOOTHING * len(spelt)
        logs[:, column] = np.log((found + SMOOTHING) / total)
    logs -= logs.mean(axis=1, keepdims=True)
    return LanguageModel(languages, Names(spelt), np.rint(logs * PRECISION).astype(np.int16), spelt)


def _fingerprint(data: Path) -> str:
    sha = hashlib.sha256(Path(__file__).read_bytes())
    lists = [Path(__file__).with_name("language_words.yml")]
    for path in [*lists, *sorted([*(data / "nlu").glob("*/*.yml"), *(data / "lexicon" / "concepts").glob("*.tsv")])]:
        sha.update(path.name.encode() + b"\0" + path.read_bytes())
    return sha.hexdigest()[:16]


def kept_file(data: Path = DATA, folder: Path = KEPT) -> Path:
    """Return where the model of the present examples is kept."""
    return folder / f"language-model-{_fingerprint(data)}.npz"


@lru_cache(maxsize=1)
def shipped(official: frozenset[str] = frozenset()) -> LanguageModel:
    """Return the model of our examples: the kept one, or learned now."""
    path = kept_file()
    if path.exists():
        return LanguageModel.load(path)
    return learn(examples(), official)


def main() -> int:
    """Learn and keep the model unless it is there."""
    from bot.languages import official_words

    path = kept_file()
    if not path.exists():
        for old in path.parent.glob("language-model-*"):
            old.unlink()
        learn(examples(), official_words()).save(path)
    sys.stdout.write(f"language model: {path.stat().st_size // 1024} kB\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
