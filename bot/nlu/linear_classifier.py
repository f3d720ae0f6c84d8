"""The intent classifier of the pipeline: bot.nlu.linear inside Rasa's graph, and the rule for 'not understood'."""

from __future__ import annotations

import hashlib
import logging
from pathlib import Path
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.nlu.featurizers.featurizer import Featurizer
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu import linear, names, normalise
from bot.nlu.concept_featurizer import MEANINGS
from bot.nlu.decision import DEFAULTS, decide, threshold_for, to_ask_about, wishes
from bot.nlu.linear import IntentModel, Options
from bot.nlu.meanings import concepts_in

logger = logging.getLogger(__name__)
NOT_UNDERSTOOD = "nlu_fallback"


def meanings_of(message: Message) -> list[str]:
    """Return the names of what a message means, as the featurizer before left them."""
    return list(message.get(MEANINGS) or ())


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class LinearIntentClassifier(IntentClassifier, GraphComponent):
    """Sets `intent` and an `intent_ranking` of ten with calibrated probabilities.

    A message that it does not understand well gets the intent `nlu_fallback`; the ranking then starts with that, followed by
    what the message most likely means, so that the assistant can ask back ('do you mean …?'). If hardly anything of the message
    is known, `nlu_fallback` stands alone.
    """

    @classmethod
    def required_components(cls) -> list[type]:
        """A featurizer of concepts."""
        return [Featurizer]

    @staticmethod
    def required_packages() -> list[str]:
        """scikit-learn learns; numpy answers."""
        return ["sklearn", "numpy"]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """See `decide` for margin, least_known, early and unnamed, `threshold_for` for threshold and most_threshold.

        `most_wrong`: share of messages that may be answered wrongly without asking back; `ranking_length` as in Rasa.
        """
        return {**DEFAULTS, "ranking_length": 10}

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str | None:
        """Make Rasa train anew when the model's code changes."""
        sources = (Path(linear.__file__), Path(names.__file__), Path(normalise.__file__))
        return hashlib.sha256(b"\0".join(path.read_bytes() for path in sources)).hexdigest()

    def __init__(
        self, config: dict[str, Any], storage: ModelStorage, resource: Resource, model: IntentModel | None = None
    ) -> None:
        self.config = config
        self._storage = storage
        self._resource = resource
        self.model = model

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> LinearIntentClassifier:
        """Return a classifier that has learned nothing yet."""
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> LinearIntentClassifier:
        """Read what was learned; without training data there is nothing to read and nothing is understood."""
        try:
            with model_storage.read_from(resource) as folder:
                return cls(config, model_storage, resource, IntentModel.load(folder))
        except (ValueError, FileNotFoundError):
            logger.warning("No intent model is stored under %s: no message will be understood.", resource.name)
            return cls(config, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Learn from all examples that have a text and an intent."""
        examples = [e for e in training_data.intent_examples if e.get(TEXT) and e.get(INTENT)]
        if len({e.get(INTENT) for e in examples}) < 2:
            logger.warning("Fewer than two intents have examples; no intent model is trained.")
            return self._resource
        self.model = IntentModel(Options(cost=self.config["cost"], most_wrong=self.config["most_wrong"])).fit(
            [e.get(TEXT) for e in examples], [meanings_of(e) for e in examples], [e.get(INTENT) for e in examples]
        )
        with self._storage.write_to(self._resource) as folder:
            self.model.save(folder)
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Set intent and ranking of each message; payloads ('/intent') are left to Rasa."""
        for message in messages:
            text = message.get(TEXT)
            if text and not text.startswith("/"):
                self._process(message, text)
        return messages

    @property
    def _threshold(self) -> float:
        sure = self.model.sure if self.model else 0.0
        return threshold_for(sure, self.config["threshold"], self.config["most_threshold"])

    def _process(self, message: Message, text: str) -> None:
        ranking: list[tuple[str, float]] = []
        intent = None
        guess_known = 0.0
        if self.model is not None:
            meant = meanings_of(message)
            guess = self.model.guess(text, meant, self.config["ranking_length"])
            length = len(normalise.words(normalise.normalise(text)))
            guess_known = guess.known
            intent = decide(
                guess.ranking,
                guess.known,
                threshold=self._threshold,
                margin=self.config["margin"],
                least_known=self.config["least_known"],
                early=self.config["early"],
                unnamed=self.config["unnamed"],
                perhaps=self.config["perhaps"],
                concepts=concepts_in(meant),
                length=length,
            )
            ranking = (
                guess.ranking if intent in self.config["early"] else wishes(guess.ranking, length, self.config["early"])
            )
        if intent is None:
            if guess_known < self.config["least_known"]:
                ranking = []  # it holds too little that is known to be worth asking back
            ranking = [(NOT_UNDERSTOOD, self._threshold), *to_ask_about(ranking)][: self.config["ranking_length"]]
            intent = NOT_UNDERSTOOD
        named = [{"name": name, "confidence": chance} for name, chance in ranking]
        chosen = next(entry for entry in named if entry["name"] == intent)
        message.set(INTENT, chosen, add_to_output=True)
        message.set(INTENT_RANKING_KEY, named, add_to_output=True)


__all__ = ["LinearIntentClassifier", "meanings_of"]
