"""The intent model itself: weighted words, letter groups and meanings, one linear score per intent.

The weights are those of a support vector machine plus a share of complement naive Bayes: both are linear, so together they
cost no more than one. What was tried and what it brought: docs/nlu-experiments.md.

Numpy only when it answers; scipy and scikit-learn when it learns. Nothing here knows Rasa, so the report uses it, too.
"""

from __future__ import annotations

import json
import math
import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bot.nlu.names import Names, lines
from bot.nlu.normalise import normalise, words

# Blocks of features: words, neighbouring words, letter groups, concepts, concepts that follow each other, kinds of facts, shape.
WORDS, PAIRS, LETTERS, CONCEPTS, FOLLOWS, FACTS, SHAPE = "w", "p", "c", "k", "f", "e", "s"
BLOCKS = (WORDS, PAIRS, LETTERS, CONCEPTS, FOLLOWS, FACTS, SHAPE)


@dataclass(frozen=True)
class Options:
    """What can be tuned; the defaults were chosen by experiment (docs/nlu-experiments.md)."""

    weights: tuple[float, ...] = (0.55, 0.55, 1.0, 1.2, 0.7, 0.7, 0.2)  # of the blocks
    letters: tuple[int, int] = (3, 5)
    # a feature seen in fewer messages than this is dropped
    rare: tuple[int, ...] = (2, 2, 3, 1, 3, 1, 1)
    cost: float = 0.5  # C of the support vector machine: higher follows the examples more closely
    bayes: float = 0.16  # share of complement naive Bayes in the scores
    smoothing: float = 0.1  # of naive Bayes
    folds: int = 3  # for calibration
    most_wrong: float = 0.03  # share of messages that may be answered wrongly without asking back
    seed: int = 7


@dataclass(frozen=True)
class Guess:
    """What the model makes of one message."""

    ranking: list[tuple[str, float]]  # intent and probability, best first
    known: float  # share of the message (0…1) made of words or concepts the model has met


def pair_features(tokens: Sequence[str]) -> list[str]:
    """Return pairs of neighbouring words; the ends of the message count as words."""
    return [f"{a} {b}" for a, b in zip(["<", *tokens], [*tokens, ">"])]  # noqa: B905


def letter_features(tokens: Sequence[str], shortest: int, longest: int) -> list[str]:
    """Return letter groups within words, with a blank at both ends of a word."""
    found: list[str] = []
    for token in tokens:
        padded = f" {token[:40]} "
        size = len(padded)
        for n in range(shortest, longest + 1):
            if n >= size:
                found.append(padded)
                break
            found.extend(padded[i : i + n] for i in range(size - n + 1))
    return found


def shape_features(text: str, tokens: Sequence[str]) -> list[str]:
    """Return what the message looks like: its length class, a question mark, digits."""
    size = len(tokens)
    length = next(
        name
        for name, limit in (("0", 0), ("1", 1), ("2", 2), ("4", 4), ("8", 8), ("16", 16), ("+", 10**9))
        if size <= limit
    )
    found = [f"length {length}"]
    if "?" in text:
        found.append("question")
    if any(token.isdigit() for token in tokens):
        found.append("number")
    return found


# More than this of one message is not read: nobody asks a question in 400 words.
LONGEST = 400
FEW = 500  # examples
ENOUGH_JUDGED = 10_000  # examples: more of them make probabilities no more honest


class IntentModel:
    """A linear classifier over normalised text and concepts with probabilities that mean what they say."""

    def __init__(self, options: Options | None = None) -> None:
        self.options = options or Options()
        self.names = Names(())
        self._spelt: list[str] = []  # the names themselves, from learning to saving
        self.idf = np.zeros(0, dtype=np.float32)
        self.weights = np.zeros((0, 0), dtype=np.float32)  # feature × intent
        self.bias = np.zeros(0, dtype=np.float32)
        self.intents: list[str] = []
        self.sharpness = 1.0  # scores are multiplied by this before they become probabilities
        self.sure = 0.0  # from this probability on, hardly more than `most_wrong` were answered wrongly

    # -- features ------------------------------------------------------------------------------------------------

    def features(self, text: str, meanings: Sequence[str]) -> dict[str, list[str]]:
        """Return the names of the features of a message, block by block; `meanings` as bot.nlu.meanings names them."""
        clean = normalise(text)
        tokens = words(clean)[:LONGEST]
        found: dict[str, list[str]] = {
            WORDS: tokens,
            PAIRS: pair_features(tokens),
            LETTERS: letter_features(tokens, *self.options.letters),
            SHAPE: shape_features(clean, tokens),
            CONCEPTS: [],
            FOLLOWS: [],
            FACTS: [],
        }
        for name in meanings:
            found[name[0]].append(name[1:])
        return found

    def _vector(self, features: dict[str, list[str]]) -> tuple[np.ndarray, np.ndarray]:
        """Return columns and values of a message; each block has the length its weight says."""
        counted = [Counter(features[block]) for block in BLOCKS]
        names = [f"{block}{name}" for block, found in zip(BLOCKS, counted, strict=True) for name in found]
        counts = np.asarray([count for found in counted for count in found.values()], dtype=np.float32)
        blocks = np.repeat(np.arange(len(BLOCKS)), [len(found) for found in counted])
        columns = self.names.columns(names)
        met = columns >= 0
        columns, blocks = columns[met], blocks[met]
        values = (1.0 + np.log(counts[met])) * self.idf[columns]
        lengths = np.sqrt(np.bincount(blocks, values * values, len(BLOCKS)))
        lengths[lengths == 0] = 1.0
        values *= (np.asarray(self.options.weights) / lengths)[blocks]
        return columns, values.astype(np.float32)

    def _matrix(self, rows: Sequence[dict[str, list[str]]]) -> Any:
        import scipy.sparse

        vectors = [self._vector(row) for row in rows]
        ends = np.cumsum([0, *(len(columns) for columns, _ in vectors)])
        columns = np.concatenate([c for c, _ in vectors])
        values = np.concatenate([v for _, v in vectors])
        return scipy.sparse.csr_matrix((values, columns, ends), shape=(len(rows), len(self.names)))

    # -- learning ------------------------------------------------------------------------------------------------

    def fit(self, texts: Sequence[str], meanings: Sequence[Sequence[str]], intents: Sequence[str]) -> IntentModel:
        """Learn from examples; raise ValueError when there are fewer than two intents."""
        self.intents = sorted(set(intents))
        if len(self.intents) < 2:
            raise ValueError("The intent model needs examples of at least two intents.")
        rows = [self.features(text, found) for text, found in zip(texts, meanings, strict=True)]
        self._learn_names(rows)
        matrix = self._matrix(rows)
        target = np.asarray([self.intents.index(intent) for intent in intents])
        self.sharpness, self.sure = self._calibrate(matrix, target)
        self.weights, self.bias = self._solve(matrix, target)
        return self

    def _learn_names(self, rows: Sequence[dict[str, list[str]]]) -> None:
        seen: Counter[str] = Counter()
        for row in rows:
            for block in BLOCKS:
                seen.update({f"{block}{name}" for name in row[block]})
        least = dict(zip(BLOCKS, self.options.rare, strict=True))
        # a handful of examples (tests, a first try) has nothing but rare words
        few = len(rows) < FEW
        kept = sorted(name for name, count in seen.items() if few or count >= least[name[0]])
        self.names, self._spelt = Names(kept), kept
        total = len(rows)
        self.idf = np.asarray([1.0 + math.log((1 + total) / (1 + seen[name])) for name in kept], dtype=np.float32)

    def _solve(self, matrix: Any, target: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return weights (feature × intent) and biases of a one-against-the-rest support vector machine."""
        from sklearn.svm import LinearSVC

        machine = LinearSVC(C=self.options.cost, dual=True, tol=1e-2, max_iter=400, random_state=self.options.seed)
        machine.fit(matrix, target)
        weights = np.zeros((matrix.shape[1], len(self.intents)), dtype=np.float32)
        bias = np.full(len(self.intents), -1.0, dtype=np.float32)
        coefficients, intercepts = machine.coef_, machine.intercept_
        if len(machine.classes_) == 2:  # scikit-learn keeps one row for two classes
            coefficients, intercepts = (
                np.vstack([-coefficients, coefficients]),
                np.concatenate([-intercepts, intercepts]),
            )
        for row, intent in enumerate(machine.classes_):
            weights[:, intent] = coefficients[row]
            bias[intent] = intercepts[row]
        if self.options.bayes:
            weights += self.options.bayes * self._bayes(matrix, target)
        return weights, bias

    def _bayes(self, matrix: Any, target: np.ndarray) -> np.ndarray:
        """Return the weights of complement naive Bayes, scaled so that scores of a message differ by about one."""
        from sklearn.naive_bayes import ComplementNB

        machine = ComplementNB(alpha=self.options.smoothing).fit(matrix, target)
        found = machine.feature_log_prob_.T
        weights = np.zeros((matrix.shape[1], len(self.intents)), dtype=np.float32)
        weights[:, machine.classes_] = found - found.mean(axis=1, keepdims=True)
        spread = float((matrix[:: max(1, matrix.shape[0] // 1000)] @ weights).std(axis=1).mean())
        return weights / (spread or 1.0)

    def _calibrate(self, matrix: Any, target: np.ndarray) -> tuple[float, float]:
        """Return the sharpness at which probabilities of examples not learned from are most honest (log loss), and the
        probability from which on few enough of them are wrong.
        """
        order = np.random.default_rng(self.options.seed).permutation(len(target))
        scores = np.zeros((len(target), len(self.intents)), dtype=np.float32)
        judged = np.zeros(len(target), dtype=bool)
        for fold in range(self.options.folds):
            held = order[fold :: self.options.folds]
            rest = np.setdiff1d(order, held)
            if len(set(target[rest])) < 2:
                return 1.0, 0.0
            weights, bias = self._solve(matrix[rest], target[rest])
            scores[held] = matrix[held] @ weights + bias
            judged[held] = True
            if len(held) >= ENOUGH_JUDGED:
                break
        scores, target = scores[judged], target[judged]
        sharpness = np.geomspace(0.5, 16.0, 61)
        losses = [_log_loss(scores * s, target) for s in sharpness]
        best = float(sharpness[int(np.argmin(losses))])
        return best, _sure(_softmax(scores * best), target, self.options.most_wrong)

    # -- answering -----------------------------------------------------------------------------------------------

    def guess(self, text: str, meanings: Sequence[str], size: int = 10) -> Guess:
        """Return the likeliest intents of a message and how much of it was known."""
        features = self.features(text, meanings)
        columns, values = self._vector(features)
        scores = values @ self.weights[columns].astype(np.float32) + self.bias
        chances = _softmax(scores[None, :] * self.sharpness)[0]
        order = np.argsort(-chances, kind="stable")[:size]
        ranking = [(self.intents[i], float(chances[i])) for i in order]
        return Guess(ranking, self._known(features))

    def _known(self, features: dict[str, list[str]]) -> float:
        """Return the share of a message that is known: any concept makes it half, the rest counts letter groups."""
        letters = [group for group in features[LETTERS] if len(group) >= 3]
        if not letters:
            return 0.0
        share = float((self.names.columns([f"{LETTERS}{group}" for group in letters]) >= 0).mean())
        return max(share, 0.5) if features[CONCEPTS] else share

    # -- keeping -------------------------------------------------------------------------------------------------

    def save(self, folder: Path) -> None:
        """Write the model as plain arrays and text (no pickled code)."""
        (folder / "names.z").write_bytes(zlib.compress("\n".join(self._spelt).encode("utf-8"), 6))
        about = {
            "intents": self.intents,
            "sharpness": self.sharpness,
            "sure": self.sure,
            "options": self.options.__dict__,
        }
        (folder / "model.json").write_text(json.dumps(about), encoding="utf-8")
        # Half precision changes no score by more than a thousandth and halves the file.
        np.savez(folder / "weights.npz", idf=self.idf, weights=self.weights.astype(np.float16), bias=self.bias)

    @classmethod
    def load(cls, folder: Path) -> IntentModel:
        """Read a model written by `save`."""
        about = json.loads((folder / "model.json").read_text(encoding="utf-8"))
        options = {key: tuple(value) if isinstance(value, list) else value for key, value in about["options"].items()}
        model = cls(Options(**options))
        model.intents, model.sharpness, model.sure = about["intents"], about["sharpness"], about["sure"]
        model.names = Names(lines(zlib.decompress((folder / "names.z").read_bytes()).decode("utf-8")))
        with np.load(folder / "weights.npz", allow_pickle=False) as arrays:
            model.idf, model.bias = arrays["idf"], arrays["bias"]
            model.weights = arrays["weights"]
        return model


def _sure(chances: np.ndarray, target: np.ndarray, most_wrong: float) -> float:
    """Return the least probability from which on at most this share of all messages would be answered wrongly."""
    best, right = chances.max(axis=1), chances.argmax(axis=1) == target
    for limit in np.linspace(0.0, 1.0, 101):
        if float(((best >= limit) & ~right).mean()) <= most_wrong:
            return float(limit)
    return 1.0


def _softmax(scores: np.ndarray) -> np.ndarray:
    shifted = np.exp(scores - scores.max(axis=1, keepdims=True))
    return shifted / shifted.sum(axis=1, keepdims=True)


def _log_loss(scores: np.ndarray, target: np.ndarray) -> float:
    chances = _softmax(scores)[np.arange(len(target)), target]
    return float(-np.log(np.maximum(chances, 1e-12)).mean())
