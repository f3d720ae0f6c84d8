"""The entity extractor of the pipeline: bot.nlu.entities inside Rasa's graph."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.nlu.constants import ENTITIES, INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.concept_featurizer import MEANINGS
from bot.nlu.entities import Found, ear_for, in_own_kurdish
from bot.nlu.lexicon import FOLDER, Row, read_folder
from bot.nlu.meanings import concepts_in

# An answer to a question is no longer than this, in words (the actions say the same: actions/facts.py).
SHORT_ANSWER = 5
# Hints for the actions on how facts are meant ('hint' is no fact): from the ear, and from what the message is about. `kin`: somebody
# else may be spoken of; `if`: what would be; `over`: what is no more or was refused; `span`: a time that something else lasts or ends; `else`: another one; `house:…`,
# `companion`: what a question about an office is about.
HINT = "hint"
ABOUT = {
    "kin": "MY_CHILD MY_PARTNER MY_PARENTS MY_SIBLING MY_FRIEND MY_EMPLOYEE A_REFUGEE_3RD SOMEONE WIFE HUSBAND RELATIVE NEIGHBOUR",
    "if": "WHAT_IF SOON WHEN_WILL",
    "over": "NO_MORE REVOKED",
    "span": "WAIT EXPIRE UNTIL CONTRACT CHILD MY_CHILD BABY COURSE LATER",
    "forbidden": "FORBIDDEN BAN",
    "else": "OTHER",
    "companion": "COMPANION BRING_TRANSLATOR",
    "house:parking": "PARKING",
    "house:step_free": "WHEELCHAIR",
    "house:queue_number": "QUEUE",
    "house:letterbox": "POST_MAIL",
    "house:play_corner": "CHILD_ALONG",
}
CHILDREN, WITH_CHILDREN = "CHILD MY_CHILD BABY", "house:play_corner"
QUEUE = "house:queue_number"
# … and whom the message is about: `who:partner`; `who:other` with it: the next of them; `who:me` the person who writes, if nobody else is named.
WHO = {
    "partner": "MY_PARTNER WIFE HUSBAND",
    "parents": "MY_PARENTS",
    "sibling": "MY_SIBLING",
    "relative": "RELATIVE",
    "child": "MY_CHILD",
    "friend": "MY_FRIEND NEIGHBOUR",
    "client": "MY_EMPLOYEE A_REFUGEE_3RD MY_CLIENT",
}
CLIENT, WRITER, HE_SHE, NEXT_ONE = "MY_CLIENT", "WRITER", "HE_SHE", "OTHER NEXT"
# 'Can she work?' is about somebody else; in longer messages 'he' and 'it' stand for anything.
FEW_WORDS = 6
QUESTION_MARKS = "?؟⁉"


def day_of(metadata: Any) -> date | None:
    """Return the day the message was written (`now` of its metadata, Europe/Berlin); None if it is not said."""
    now = metadata.get("now") if isinstance(metadata, dict) else None
    if not isinstance(now, str):
        return None
    try:
        return datetime.fromisoformat(now.replace("Z", "+00:00")).date()
    except ValueError:
        return None


def as_rasa(found: Found) -> dict[str, Any]:
    """Return a fact as Rasa writes entities."""
    return {
        "entity": found.entity,
        "value": found.value,
        "start": found.start,
        "end": found.end,
        "confidence_entity": 1.0,
        "extractor": "LexiconEntityExtractor",
    }


def about(meanings: Iterable[str], words: int) -> list[str]:
    """Return the hints that the concepts of a message of so many words give; `meanings` as bot.nlu.meanings names them."""
    concepts = set(concepts_in(list(meanings)))
    hints = [hint for hint, names in ABOUT.items() if concepts.intersection(names.split())]
    if "WALK_IN" in concepts and QUEUE in hints:
        hints.remove(QUEUE)  # 'can I come without an appointment' is no question about numbers
    if concepts.intersection(CHILDREN.split()) and "BRING" in concepts and WITH_CHILDREN not in hints:
        hints.append(WITH_CHILDREN)
    return hints + [f"who:{person}" for person in _persons(concepts, words)]


def _persons(concepts: set[str], words: int) -> list[str]:
    """Return whom a message is about. 'My friend has a shop, may I work there?' is about the person who writes, 'I ask for my client' is not."""
    if WRITER in concepts and CLIENT not in concepts:
        return ["me"]
    found = [person for person, names in WHO.items() if concepts.intersection(names.split())]
    if not found and HE_SHE in concepts and words <= FEW_WORDS:
        return ["third"]
    return [*found, "other"] if found and concepts.intersection(NEXT_ONE.split()) else found


def is_answer(text: str, metadata: Any) -> bool:
    """Return whether a message is read as the answer to what was asked: a few words that ask nothing back."""
    asked = isinstance(metadata, dict) and bool(metadata.get("asked"))
    return asked and len(text.split()) <= SHORT_ANSWER and not any(mark in text for mark in QUESTION_MARKS)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=True)
class LexiconEntityExtractor(GraphComponent, EntityExtractorMixin):
    """Reads facts with the entity lexicon; stands behind the classifier, because the intent tells what some words mean.

    'Trained' only means that the lexicon is put into the model, like the concepts'.
    """

    FILE = "entities.json"

    @classmethod
    def required_components(cls) -> list[type]:
        """Nothing: the lexicon reads the text itself."""
        return []

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`lexicon`: the folder under data/lexicon that holds the entities."""
        return {"lexicon": "entities"}

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str | None:
        """Make Rasa put the lexicon into the model anew when it changes."""
        sha = hashlib.sha256()
        for path in sorted((FOLDER / (config.get("lexicon") or "entities")).glob("*.tsv")):
            sha.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
        return sha.hexdigest()

    def __init__(self, storage: ModelStorage, resource: Resource, rows: list[Row]) -> None:
        self._storage = storage
        self._resource = resource
        self._rows = rows
        self.ear = ear_for(rows)

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> LexiconEntityExtractor:
        """Read the lexicon from its folder, for training."""
        return cls(model_storage, resource, read_folder(FOLDER / config["lexicon"]))

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> LexiconEntityExtractor:
        """Read the lexicon the model was trained with."""
        with model_storage.read_from(resource) as folder:
            data = json.loads((folder / cls.FILE).read_text(encoding="utf-8"))
        rows = [Row(meaning, language, tuple(forms)) for meaning, language, forms in data]
        loaded = cls(model_storage, resource, rows)
        loaded._rows = []  # only training needs them again, and it reads the folder
        return loaded

    def train(self, training_data: TrainingData) -> Resource:
        """Nothing is learned; the lexicon is put into the model."""
        data = [[row.meaning, row.language, row.forms] for row in self._rows]
        with self._storage.write_to(self._resource) as folder:
            (folder / self.FILE).write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Add the facts of each message; payloads ('/intent') bring their own."""
        for message in messages:
            text = message.get(TEXT)
            if text and not text.startswith("/"):
                metadata = message.get("metadata")
                answer = is_answer(text, metadata)
                intent = "inform" if answer else (message.get(INTENT) or {}).get("name")
                asked = str(metadata["asked"]) if answer else None
                language = metadata.get("language") if isinstance(metadata, dict) else None
                heard, hints = self.ear.hear_all(text, today=day_of(metadata), intent=intent, asked=asked)
                found = in_own_kurdish(heard, text, language)
                hints += about(message.get(MEANINGS) or (), len(text.split()))
                whole = [Found(HINT, hint, 0, len(text)) for hint in hints]
                entities = [*(message.get(ENTITIES) or []), *map(as_rasa, [*found, *whole])]
                message.set(ENTITIES, entities, add_to_output=True)
        return messages
