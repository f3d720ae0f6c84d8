"""What each part of understanding is worth: `.venv-rasa/bin/python -m bench.nlu_experiments [part of a name …]`.

Each experiment is a line: accuracy and top-3 on examples that were not learned from. `cv`: a fifth of all examples held back;
`fifth`: only a fifth learned, another one judged (little data); `x-ar` …: a language nobody learned from; `held` (with
`--heldout FILE`): everything learned, messages of strangers judged. What came out, and what was kept, stands in
docs/nlu-experiments.md. Stems and lemmas are tried where `snowballstemmer` and `simplemma` can be imported; nothing else needs them.
"""

from __future__ import annotations

import argparse
import importlib.util
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import ComplementNB
from sklearn.neural_network import MLPClassifier
from sklearn.svm import LinearSVC

from bot.nlu.examples import Example, read_heldout, read_training
from bot.nlu.lexicon import FOLDER, ROOT, Lexicon, main_language, read_folder, read_rows
from bot.nlu.linear import letter_features, pair_features, shape_features
from bot.nlu.meanings import Meanings, concepts_in
from bot.nlu.normalise import normalise, words

# Files of meanings that joined later; the forms of a meaning in other files count with it.
LATER = ("14-questions.tsv", "97-details.tsv")
LATEST = "98-more.tsv"
SNOWBALL = {
    "ar": "arabic",
    "de": "german",
    "en": "english",
    "fa": "persian",
    "fr": "french",
    "ru": "russian",
    "tr": "turkish",
}
LEMMATISED = frozenset({"de", "en", "fa", "fr", "ru", "tr", "uk"})
WAYS = ("cv", "fifth", "x-ar", "x-de", "x-en")
Fit = Callable[[Any, Any, Any], Any]


def parsed() -> argparse.Namespace:
    """Return what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m bench.nlu_experiments", description=__doc__)
    parser.add_argument("names", nargs="*", help="parts of experiments' names; none: all of them")
    parser.add_argument("--heldout", type=Path, help="messages of strangers, judged as one more way")
    parser.add_argument("--ways", default=",".join(WAYS), help="comma-separated: cv, fifth, x-<language>")
    return parser.parse_args()


CHOSEN = parsed()
TRAINING = list({(normalise(e.text), e.intent): e for e in read_training(ROOT / "data" / "nlu")}.values())
HELD: list[Example] = read_heldout(CHOSEN.heldout) if CHOSEN.heldout else []
EXAMPLES = [*TRAINING, *HELD]
STRANGER = np.array([False] * len(TRAINING) + [True] * len(HELD))
NAMES = sorted({example.intent for example in EXAMPLES})
TARGET = np.array([NAMES.index(example.intent) for example in EXAMPLES])
LANGUAGE = np.array([example.language for example in EXAMPLES])


def stems() -> Callable[[str, str], list[str]] | None:
    """Return what gives the stems of a message by Snowball; None where it is not installed."""
    if importlib.util.find_spec("snowballstemmer") is None:
        return None
    import snowballstemmer

    machines = {code: snowballstemmer.stemmer(name) for code, name in SNOWBALL.items()}

    def of(text: str, language: str) -> list[str]:
        machine = machines.get(language)
        return words(normalise(" ".join(machine.stemWords(text.casefold().split())))) if machine else []

    return of


def lemmas() -> Callable[[str, str], list[str]] | None:
    """Return what gives the lemmas of a message by simplemma; None where it is not installed."""
    if importlib.util.find_spec("simplemma") is None:
        return None
    import simplemma

    def of(text: str, language: str) -> list[str]:
        if language not in LEMMATISED:
            return []
        return words(normalise(" ".join(simplemma.lemmatize(word, lang=language) for word in text.split())))

    return of


def extracted() -> dict[str, list[list[str]]]:
    """Return the features of every example, block by block."""
    rows = read_folder(FOLDER / "concepts")
    latest = {row.meaning for row in read_rows(FOLDER / "concepts" / LATEST)}
    later = latest | {row.meaning for name in LATER for row in read_rows(FOLDER / "concepts" / name)}
    plain, first = Lexicon(rows), Lexicon([row for row in rows if row.meaning not in later])
    second = Lexicon([row for row in rows if row.meaning not in latest])
    stem, lemma = stems(), lemmas()
    meanings = Meanings.shipped()
    found: dict[str, list[list[str]]] = {}

    def add(name: str, values: Sequence[str]) -> None:
        found.setdefault(name, []).append(list(values))

    for example in EXAMPLES:
        clean = normalise(example.text)
        tokens = words(clean)
        names = meanings.of(example.text)
        plain_matches = plain.find(tokens)
        add("word", tokens)
        add("pair", pair_features(tokens))
        add("letter", letter_features(tokens, 2, 6))
        add("shape", shape_features(clean, tokens))
        add("concept", concepts_in(names))
        add("concept exact", sorted({match.meaning for match in plain_matches}))
        add("concept first", sorted({match.meaning for match in first.find(tokens)}))
        add("concept second", sorted({match.meaning for match in second.find(tokens)}))
        spoken = main_language(plain_matches) or "-"
        if stem:
            add("stem", stem(example.text, spoken))
        if lemma:
            add("lemma", lemma(example.text, spoken))
        add("follows", [name for name in names if name[0] == "f"])
        add("fact", [name for name in names if name[0] == "e"])
        add("language", [spoken])
    return found


def matrix(rows: Sequence[Sequence[str]], least: int = 1) -> Any:
    """Return one block: idf weights, each row of length one."""
    seen = Counter(name for row in rows for name in set(row))
    vocabulary = {name: i for i, name in enumerate(sorted(name for name, count in seen.items() if count >= least))}
    columns, values, ends = [], [], [0]
    for row in rows:
        for name, count in Counter(row).items():
            if name in vocabulary:
                columns.append(vocabulary[name])
                values.append((1 + np.log(count)) * (1 + np.log((1 + len(rows)) / (1 + seen[name]))))
        ends.append(len(columns))
    block = sp.csr_matrix((values, columns, ends), shape=(len(rows), len(vocabulary)))
    length = np.sqrt(block.multiply(block).sum(1)).A1
    return (sp.diags(1 / np.maximum(length, 1e-9)) @ block).tocsr()


def splits() -> dict[str, tuple[Any, Any]]:
    """Return (learned, judged) of each way; what strangers wrote is learned from in none."""
    fold, count = np.full(len(EXAMPLES), -1), Counter[tuple[str, int]]()
    for place in np.random.default_rng(11).permutation(len(TRAINING)):
        cell = (LANGUAGE[place], TARGET[place])
        fold[place] = count[cell] % 5
        count[cell] += 1
    ways = {"cv": (fold > 0, fold == 0), "fifth": (fold == 1, fold == 2)}
    for way in CHOSEN.ways.split(","):
        if (code := way.removeprefix("x-")) != way:
            ways[way] = ((code != LANGUAGE) & ~STRANGER, (code == LANGUAGE) & ~STRANGER)
    kept = {way: ways[way] for way in CHOSEN.ways.split(",") if way in ways}
    return kept | ({"held": (~STRANGER, STRANGER)} if HELD else {})


def spread(machine: Any, scores: Any, floor: float = -9.0) -> Any:
    """Return scores with a column for every intent, also those not learned."""
    whole = np.full((scores.shape[0], len(NAMES)), floor)
    whole[:, machine.classes_] = scores
    return whole


def svm(cost: float = 0.5) -> Fit:
    """Return a linear support vector machine."""

    def fit(learned: Any, target: Any, judged: Any) -> Any:
        machine = LinearSVC(C=cost, tol=1e-2, max_iter=400, random_state=7).fit(learned, target)
        return spread(machine, machine.decision_function(judged))

    return fit


def bayes(alpha: float = 0.1) -> Fit:
    """Return complement naive Bayes, its scores spread like the machine's."""

    def fit(learned: Any, target: Any, judged: Any) -> Any:
        machine = ComplementNB(alpha=alpha).fit(learned, target)
        weights = machine.feature_log_prob_.T
        scores = judged @ (weights - weights.mean(1, keepdims=True))
        return spread(machine, scores / scores.std(1).mean())

    return fit


def together(*parts: tuple[float, Fit]) -> Fit:
    """Return the weighted sum of several."""
    return lambda learned, target, judged: sum(weight * fit(learned, target, judged) for weight, fit in parts)


def regression(learned: Any, target: Any, judged: Any) -> Any:
    """Logistic regression."""
    machine = LogisticRegression(C=4, max_iter=60, tol=1e-2).fit(learned, target)
    return spread(machine, machine.predict_log_proba(judged))


def network(learned: Any, target: Any, judged: Any) -> Any:
    """One hidden layer."""
    machine = MLPClassifier((96,), alpha=1e-3, max_iter=25, random_state=1, batch_size=64, learning_rate_init=2e-3)
    machine.fit(learned, target)
    return spread(machine, machine.predict_log_proba(judged))


def neighbours(learned: Any, target: Any, judged: Any, count: int = 15) -> Any:
    """The most similar examples."""
    scores = np.zeros((judged.shape[0], len(NAMES)))
    for row, alike in zip(scores, (judged @ learned.T).toarray()):  # noqa: B905
        near = np.argpartition(-alike, count)[:count]
        np.add.at(row, target[near], alike[near] ** 3)
    return scores


def experiments() -> dict[str, tuple[Any, Fit]]:
    """Return name -> (features, learner)."""
    found = extracted()
    block = {name: matrix(rows) for name, rows in found.items() if name != "letter"}
    block["follows"] = matrix(found["follows"], 3)
    rare_word, rare_pair = matrix(found["word"], 2), matrix(found["pair"], 2)

    def letters(low: int, high: int, least: int) -> Any:
        return matrix([[g for g in row if low <= len(g) <= high] for row in found["letter"]], least)

    letter, letter_before = letters(3, 5, 3), letters(2, 5, 2)

    def features(*parts: tuple[float, Any]) -> Any:
        return sp.hstack([weight * part for weight, part in parts]).tocsr()

    text = ((0.55, block["word"]), (0.55, block["pair"]), (1.0, letter_before), (0.2, block["shape"]))
    meaning = ((1.2, block["concept"]), (0.7, block["follows"]), (0.7, block["fact"]))
    slim = ((0.55, rare_word), (0.55, rare_pair), (1.0, letter), (0.2, block["shape"]))
    whole, small = features(*text, *meaning), features(*slim, *meaning)
    only = features(*meaning)
    return {
        "words and letters, no concepts": (features(*text), svm()),
        "+ 291 concepts": (features(*text, (1.2, block["concept first"])), svm()),
        "+ 444 concepts": (features(*text, (1.2, block["concept second"])), svm()),
        "+ 523 concepts": (features(*text, (1.2, block["concept exact"])), svm()),
        "+ 523 concepts, one slip forgiven": (features(*text, (1.2, block["concept"])), svm()),
        "  … and kinds of facts": (features(*text, (1.2, block["concept"]), (0.7, block["fact"])), svm()),
        "  … and concepts that follow": (features(*text, (1.2, block["concept"]), (0.7, block["follows"])), svm()),
        "  … and the language": (features(*text, (1.2, block["concept"]), (0.3, block["language"])), svm()),
        "all meanings": (whole, svm()),
        **{
            f"all meanings and {name}s": (features(*text, (0.55, block[name]), *meaning), svm())
            for name in ("stem", "lemma")
            if name in block
        },
        "all meanings, C 0.1": (whole, svm(0.1)),
        "all meanings, C 1": (whole, svm(1.0)),
        "concept weight 0.8": (features(*text, (0.8, block["concept"]), *meaning[1:]), svm()),
        "concept weight 2": (features(*text, (2.0, block["concept"]), *meaning[1:]), svm()),
        "letters 2-4": (features(text[0], text[1], (1.0, letters(2, 4, 2)), text[3], *meaning), svm()),
        "letters 3-6": (features(text[0], text[1], (1.0, letters(3, 6, 2)), text[3], *meaning), svm()),
        "rare features dropped, letters 3-5": (small, svm()),
        "meanings only": (only, svm()),
        "complement naive Bayes": (small, bayes()),
        "svm + 0.06 Bayes": (small, together((1, svm()), (0.06, bayes()))),
        "svm + 0.16 Bayes (kept)": (small, together((1, svm()), (0.16, bayes()))),
        "svm + 0.3 Bayes": (small, together((1, svm()), (0.3, bayes()))),
        "logistic regression on meanings": (only, regression),
        "neighbours on meanings": (only, neighbours),
        "network on meanings": (only, network),
    }


def main() -> None:
    """Print one line per experiment."""
    print(f"{len(TRAINING)} examples, {len(NAMES)} intents, {len(HELD)} messages of strangers")
    for name, (features, fit) in experiments().items():
        if CHOSEN.names and not any(part in name for part in CHOSEN.names):
            continue
        cells, began = [], time.perf_counter()
        for way, (learned, judged) in splits().items():
            scores = fit(features[learned], TARGET[learned], features[judged])
            order = np.argsort(-scores, axis=1)[:, :3]
            right = order == TARGET[judged][:, None]
            cells.append(f"{way} {right[:, 0].mean():.3f}/{right.any(axis=1).mean():.3f}")
        print(
            f"{name:36} {'  '.join(cells)}  {features.shape[1]} features, {time.perf_counter() - began:.0f} s",
            flush=True,
        )


if __name__ == "__main__":
    main()
