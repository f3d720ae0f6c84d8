"""A conversation at action level: Rasa's rules and slots, a real store, the gateway's effects."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml
from rasa_sdk import Tracker
from rasa_sdk.executor import ActionExecutor, CollectingDispatcher

from actions.context import use_store
from bot.replies.render import Replies
from office import waiting
from office.conversations import start_conversation
from office.resources import add_absence, members, remove_absence
from office.store import Store

ROOT = Path(__file__).parents[2]
BERLIN = ZoneInfo("Europe/Berlin")


def _yaml(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


DOMAIN = _yaml(ROOT / "domain.yml")
RULES = {
    rule["steps"][0]["intent"]: rule["steps"][1]["action"]
    for path in sorted((ROOT / "data" / "rules").glob("*.yml"))
    for rule in _yaml(path)["rules"]
}


@pytest.fixture(scope="session")
def domain() -> dict[str, Any]:
    return DOMAIN


@pytest.fixture(scope="session")
def rules() -> dict[str, str]:
    """Intent -> the action of its rule."""
    return RULES


@pytest.fixture(scope="session")
def executor() -> ActionExecutor:
    found = ActionExecutor()
    found.register_package("actions")
    return found


@pytest.fixture(scope="session")
def replies() -> Replies:
    return Replies(strict=True)


@pytest.fixture
def store(tmp_path):
    store = Store(f"sqlite:///{tmp_path / 'lotse.db'}")
    store.migrate()
    use_store(store)
    yield store
    use_store(None)
    store.close()


@pytest.fixture
def full_office(store):
    """Mettmann without anybody at the counters; calling it lets them come back."""
    monday = datetime(2024, 6, 30, tzinfo=BERLIN)
    with store.begin() as work:
        counters = [one for one in members(work, "mettmann") if one.kind == "counter"]
        absent = [add_absence(work, one.id, monday, monday + timedelta(weeks=40)).id for one in counters]
        work.commit()

    def open_again():
        with store.begin() as work:
            for one in absent:
                remove_absence(work, one)
            waiting.pass_on(work, "mettmann", monday + timedelta(hours=35))
            work.commit()

    return open_again


class Talk:
    """One person's conversation. `say` answers with the names of the responses; `said` holds the messages.

    Every message is rendered strictly in English, so a response, choice or value without words fails the test.
    """

    def __init__(self, executor, replies, conversation: str, now: str, *, language="de", site=None):
        self.executor, self.replies, self.conversation = executor, replies, conversation
        self.now = datetime.fromisoformat(now).replace(tzinfo=BERLIN)
        self.language, self.site = language, site
        self.languages = ["ar", "de", "en"]
        self.slots: dict[str, Any] = dict.fromkeys(DOMAIN["slots"])
        self.events: list[dict[str, Any]] = []
        self.said: list[dict[str, Any]] = []
        self.erased = False
        self.before: list[str] | None = None
        # what the classifier would rank, for messages it does not understand well
        self.ranking: dict[str, float] = {}

    def say(self, intent: str, text: str = "", **entities: str | list[str]) -> list[str]:
        found = [
            {"entity": name, "value": value}
            for name, values in entities.items()
            for value in ([values] if isinstance(values, str) else values)
        ]
        known = {i if isinstance(i, str) else next(iter(i)) for i in DOMAIN["intents"]} | {"nlu_fallback"}
        assert intent in known, intent
        assert set(entities) <= set(DOMAIN["entities"]), entities
        ranking = [{"name": name, "confidence": chance} for name, chance in self.ranking.items()]
        message = {
            "intent": {"name": intent}, "entities": found, "text": text or f"/{intent}", "intent_ranking": ranking
        }  # fmt: skip
        user = {"event": "user", "metadata": self._metadata(), "timestamp": 0, "parse_data": message}
        self.events.append({**user, "text": message["text"]})
        self.said = self._run(RULES[intent], message)
        for said in self.said:
            self.events.append({"event": "bot", "data": {"custom": said}})
            self._take(said)
        return [said["response"] for said in self.said]

    def press(self, label: str, **values: Any) -> list[str]:
        """Press the button of the last answer with this label (and these values)."""
        for said in self.said:
            for choice in said.get("choices", []):
                if choice["label"] == label and values.items() <= choice.get("values", {}).items():
                    return self.send(choice["payload"])
        raise AssertionError(f"no button {label} {values} among {self.labels()}")

    def send(self, payload: str) -> list[str]:
        intent, brace, rest = payload.removeprefix("/").partition("{")
        return self.say(intent, payload, **(json.loads(brace + rest) if brace else {}))

    def labels(self) -> list[str]:
        return [choice["label"] for said in self.said for choice in said.get("choices", [])]

    def message(self, response: str) -> dict[str, Any]:
        return next(said for said in self.said if said["response"] == response)

    def words(self, language: str = "en") -> str:
        return "\n".join(self.replies.render(m["response"], m.get("values"), language) for m in self.said)

    @property
    def facts(self) -> dict[str, Any]:
        return self.slots["facts"] or {}

    def _metadata(self) -> dict[str, Any]:
        return {
            "now": self.now.isoformat(),
            "language": self.language,
            "languages": self.languages,
            "site": self.site,
            "conversation": self.conversation,
            "before": self._before(),
        }

    def _before(self) -> list[str]:
        """What stands on the screen: the last answer, or what a test says the gateway put there since."""
        shown = self.before if self.before is not None else [message["response"] for message in self.said]
        self.before = None
        return shown

    def _run(self, action: str, message: dict[str, Any]) -> list[dict[str, Any]]:
        if action.startswith("utter_"):
            return [dict(DOMAIN["responses"][action][0]["custom"])]
        assert action in DOMAIN["actions"], action
        dispatcher = CollectingDispatcher()
        # As over HTTP: slots and events arrive as JSON and nothing is shared between two turns.
        state = json.loads(json.dumps({"slots": self.slots, "events": self.events}))
        tracker = Tracker(self.conversation, state["slots"], message, state["events"], False, None, {}, None)
        for event in self.executor.actions[action](dispatcher, tracker, {}):
            assert event["name"] in DOMAIN["slots"], event
            self.slots[event["name"]] = json.loads(json.dumps(event["value"]))
        return json.loads(json.dumps([m["custom"] for m in dispatcher.messages]))

    def _take(self, said: dict[str, Any]) -> None:
        assert not {"text", "buttons", "image", "custom", "attachment", "elements"} & set(said.get("values", {}))
        self.replies.render(said["response"], said.get("values"), "en")
        for choice in said.get("choices", []):
            self.replies.render(choice["label"], choice.get("values"), "en")
        effects = said.get("effects", {})
        self.language = effects.get("language", self.language)
        self.site = effects.get("site", self.site)
        self.erased = self.erased or effects.get("erase", False)


@pytest.fixture
def talk(executor, replies, store):
    def begin(now: str = "2024-07-01T10:00", *, language: str = "de", site: str | None = None) -> Talk:
        moment = datetime.fromisoformat(now).replace(tzinfo=BERLIN)
        with store.begin() as work:
            conversation = start_conversation(work, channel="test", now=moment, language=language)
            work.commit()
            conversation_id = conversation.id
        return Talk(executor, replies, conversation_id, now, language=language, site=site)

    return begin
