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

from bot.nlu import lexicon, normalise, rasa_speedups
from bot.nlu.lexicon import FOLDER, PREFIX_FILE, Lexicon, Row, read_folder, tokens_of

# What the components in this package are made of besides their configuration; part of Rasa's training fingerprint.
_SOURCES = (lexicon.__file__, normalise.__file__)


def lexicon_fingerprint(folder: str) -> str:
    """Return a fingerprint of the lexicon files and the code that reads them, so that a change means training anew."""
    sha = hashlib.sha256()
    for path in [*sorted((FOLDER / folder).glob("*.tsv")), *FOLDER.glob(PREFIX_FILE), *map(type(FOLDER), _SOURCES)]:
        sha.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return sha.hexdigest()


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class ConceptFeaturizer(SparseFeaturizer, GraphComponent):
    """Sets a 1 for every concept of the lexicon that a message names, in whatever language.

    The model keeps the lexicon it was trained with: a lexicon edited later has no effect until the next training.
    """

    FILE = "concepts.json"

    @classmethod
    def required_components(cls) -> list[type]:
        """Nothing: the lexicon reads the text itself."""
        return []

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`lexicon`: the folder under data/lexicon that holds the concepts."""
        return {"lexicon": "concepts", "alias": None}

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str | None:
        """Make Rasa train anew when the lexicon changes."""
        return lexicon_fingerprint(config.get("lexicon") or "concepts")

    def __init__(
        self, config: dict[str, Any], name: str, storage: ModelStorage, resource: Resource, rows: list[Row]
    ) -> None:
        super().__init__(name, config)
        self._storage = storage
        self._resource = resource
        self._rows = rows
        self.lexicon = Lexicon(rows)
        self._columns = {meaning: column for column, meaning in enumerate(self.lexicon.meanings)}
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
        rows = read_folder(FOLDER / config["lexicon"])
        return cls(config, execution_context.node_name, model_storage, resource, rows)

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
        rows = [Row(meaning, language, tuple(forms)) for meaning, language, forms in data]
        return cls(config, execution_context.node_name, model_storage, resource, rows)

    def train(self, training_data: TrainingData) -> Resource:
        """Nothing is learned; the lexicon is put into the model."""
        data = [[row.meaning, row.language, row.forms] for row in self._rows]
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
        found = {match.meaning for match in self.lexicon.find(tokens_of(text))}
        columns = sorted(self._columns[meaning] for meaning in found)
        row = scipy.sparse.csr_matrix(
            ([1.0] * len(columns), ([0] * len(columns), columns)), shape=(1, len(self._columns)), dtype="float32"
        )
        message.add_features(Features(row, FEATURE_TYPE_SENTENCE, TEXT, self._config.get("alias") or self._identifier))

    @classmethod
    def validate_config(cls, config: dict[str, Any]) -> None:
        """The folder is checked when it is read."""


__all__ = ["ConceptFeaturizer", "lexicon_fingerprint"]
