"""Concept features: one column per language-neutral meaning, so that what one language teaches the others know."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import scipy.sparse
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.featurizers.sparse_featurizer.sparse_featurizer import SparseFeaturizer
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu import dates, entities, lexicon, meanings, normalise, paragraphs, rasa_speedups, reading
from bot.nlu.lexicon import FOLDER, PREFIX_FILE, Row, read_folder
from bot.nlu.meanings import Meanings, concepts_in

# What the components in this package are made of besides their configuration; part of Rasa's training fingerprint.
_SOURCES = [
    module.__file__
    for module in (dates, entities, lexicon, meanings, normalise, paragraphs, reading)
    if module.__file__
]
# Where a message carries the names of everything it means, for the classifier behind.
MEANINGS = "meanings"


def lexicon_fingerprint(*folders: str) -> str:
    """Return a fingerprint of the lexicon files and the code that reads them, so that a change means training anew."""
    sha = hashlib.sha256()
    files = [path for folder in folders for path in sorted((FOLDER / folder).glob("*.tsv"))]
    for path in [*files, *FOLDER.glob(PREFIX_FILE), *map(type(FOLDER), _SOURCES)]:
        sha.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return sha.hexdigest()


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class ConceptFeaturizer(SparseFeaturizer, GraphComponent):
    """Sets a 1 for every concept of the lexicon that a message names, in whatever language, and names all that it means.

    The model keeps the lexicon it was trained with: a lexicon edited later has no effect until the next training.
    """

    FILE = "concepts.json"

    @classmethod
    def required_components(cls) -> list[type]:
        """Nothing: the lexicon reads the text itself."""
        return []

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`lexicon`, `entities`: the folders under data/lexicon that hold the concepts and the facts."""
        return {"lexicon": "concepts", "entities": "entities", "alias": None}

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str | None:
        """Make Rasa train anew when the lexicon changes."""
        return lexicon_fingerprint(config.get("lexicon") or "concepts", config.get("entities") or "entities")

    def __init__(
        self,
        config: dict[str, Any],
        name: str,
        storage: ModelStorage,
        resource: Resource,
        rows: list[Row],
        facts: list[Row],
    ) -> None:
        super().__init__(name, config)
        self._storage = storage
        self._resource = resource
        self._rows, self._facts = rows, facts
        self.meanings = Meanings(rows, facts)
        self._columns = {meaning: column for column, meaning in enumerate(self.meanings.lexicon.meanings)}
        rasa_speedups.install()

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> ConceptFeaturizer:
        """Read the lexicon from its folder, for training."""
        rows, facts = read_folder(FOLDER / config["lexicon"]), read_folder(FOLDER / config["entities"])
        return cls(config, execution_context.node_name, model_storage, resource, rows, facts)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> ConceptFeaturizer:
        """Read the lexicon the model was trained with."""
        with model_storage.read_from(resource) as folder:
            data = json.loads((folder / cls.FILE).read_text(encoding="utf-8"))
        rows, facts = ([Row(meaning, lang, tuple(forms)) for meaning, lang, forms in part] for part in data)
        loaded = cls(config, execution_context.node_name, model_storage, resource, rows, facts)
        loaded._rows, loaded._facts = [], []  # only training needs them again, and it reads the folders
        return loaded

    def train(self, training_data: TrainingData) -> Resource:
        """Nothing is learned; the lexicon is put into the model."""
        data = [[[row.meaning, row.language, row.forms] for row in rows] for rows in (self._rows, self._facts)]
        with self._storage.write_to(self._resource) as folder:
            (folder / self.FILE).write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Add the concept features of each message."""
        for message in messages:
            text = message.get(TEXT)
            if text and not text.startswith("/"):
                self._add(message, text)
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Add the concept features of each training example."""
        self.process(training_data.training_examples)
        return training_data

    def _add(self, message: Message, text: str) -> None:
        names = self.meanings.of(text)
        message.set(MEANINGS, names)
        columns = sorted(self._columns[meaning] for meaning in concepts_in(names))
        row = scipy.sparse.csr_matrix(
            ([1.0] * len(columns), ([0] * len(columns), columns)), shape=(1, len(self._columns)), dtype="float32"
        )
        message.add_features(Features(row, FEATURE_TYPE_SENTENCE, TEXT, self._config.get("alias") or self._identifier))

    @classmethod
    def validate_config(cls, config: dict[str, Any]) -> None:
        """The folder is checked when it is read."""


__all__ = ["MEANINGS", "ConceptFeaturizer", "lexicon_fingerprint"]
