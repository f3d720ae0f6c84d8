"""The speed-ups are active once the pipeline is loaded, and change nothing but the time."""

from __future__ import annotations

import tempfile
import unittest
from pathlib import Path
from typing import Any
from unittest import mock

import jsonschema
from rasa.core.actions.action import RemoteAction
from rasa.core.channels.channel import UserMessage
from rasa.core.policies.rule_policy import RulePolicy
from rasa.engine.constants import PLACEHOLDER_MESSAGE
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, Event, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

from bot.nlu import rasa_speedups
from tests.nlu.rasa_env.pipeline import PLACES, SHIPPED, agent, as_shipped

SLOTS = {"topic": {"type": "any", "mappings": [{"type": "custom"}]}}
GOOD: list[dict[str, Any]] = [
    {"events": [], "responses": []},
    {},
    {"events": [{"event": "slot", "name": "topic", "value": {"a": [1, None]}, "timestamp": None}], "responses": []},
    {"events": [{"event": "action", "name": "action_listen"}, {"event": "restart"}], "responses": [{"text": "x"}]},
    {"events": [{"event": "followup", "name": "action_x"}], "responses": [{"custom": {"response": "a"}}]},
]
BAD: list[Any] = [
    {"events": [{"event": "nonsense"}], "responses": []},
    {"events": [{"name": "topic", "value": 1}], "responses": []},
    {"events": ["slot"], "responses": []},
    {"events": [{"event": "slot", "value": 1}], "responses": []},
    {"events": {"event": "slot"}, "responses": []},
    {"events": [], "responses": ["text"]},
    {"events": [{"event": "slot", "name": 5, "value": 1}], "responses": []},
]


def remote(selective: bool = True) -> RemoteAction:
    endpoint = EndpointConfig(url="http://127.0.0.1:1/webhook", enable_selective_domain=selective)
    return RemoteAction("action_work_permission", endpoint)


def domain() -> Domain:
    return Domain.from_dict({"intents": ["ask"], "actions": ["action_work_permission"], "slots": SLOTS})


def conversation(messages: int) -> DialogueStateTracker:
    events: list[Event] = []
    for number in range(messages):
        events += [
            ActionExecuted("action_listen"),
            UserUttered(f"message {number}", {"name": "ask", "confidence": 1.0}),
            ActionExecuted("action_work_permission"),
            SlotSet("topic", number),
        ]
    return DialogueStateTracker.from_events("test", events, domain().slots)


def accepts(validate: Any, reply: Any) -> bool:
    """Return whether a validator accepts a reply; any other failure than the schema's counts as an error of the test."""
    try:
        return bool(validate(remote(), reply))
    except jsonschema.ValidationError:
        return False
    except Exception as problem:
        if "validat" in str(problem).lower():
            return False
        raise


class Active(unittest.TestCase):
    def test_loading_the_pipeline_puts_all_of_them_in_place(self) -> None:
        agent()
        self.assertEqual({name for _, name in PLACES}, set(rasa_speedups.SOURCES))
        self.assertEqual(set(rasa_speedups.install().values()), {True})
        for home, name in PLACES:
            with self.subTest(name):
                self.assertIsNot(home.__dict__.get(name), SHIPPED[home, name])

    def test_another_rasa_is_left_alone_and_that_is_said(self) -> None:
        as_shipped()
        try:
            with mock.patch("rasa.__version__", "3.6.99"), self.assertLogs(rasa_speedups.logger, "WARNING") as log:
                self.assertEqual(set(rasa_speedups.install().values()), {False})
            self.assertEqual(len(log.records), len(PLACES))
            for home, name in PLACES:
                self.assertIs(home.__dict__.get(name), SHIPPED[home, name])
        finally:
            as_shipped()
            rasa_speedups.install()

    def test_a_function_with_another_source_is_left_alone(self) -> None:
        as_shipped()
        try:
            with (
                mock.patch.dict(rasa_speedups.SOURCES, {"resolve_by_type": "0" * 64}),
                self.assertLogs(rasa_speedups.logger, "WARNING"),
            ):
                done = rasa_speedups.install()
            self.assertEqual([name for name, active in done.items() if not active], ["resolve_by_type"])
        finally:
            as_shipped()
            rasa_speedups.install()


class Validation(unittest.TestCase):
    def setUp(self) -> None:
        rasa_speedups.install()

    def test_good_replies_are_accepted_as_before(self) -> None:
        shipped = SHIPPED[RemoteAction, "_validate_action_result"]
        for reply in GOOD:
            with self.subTest(reply):
                self.assertTrue(accepts(shipped, reply))
                self.assertTrue(accepts(RemoteAction._validate_action_result, reply))

    def test_bad_replies_are_rejected_as_before(self) -> None:
        shipped = SHIPPED[RemoteAction, "_validate_action_result"]
        for reply in BAD:
            with self.subTest(reply):
                self.assertFalse(accepts(shipped, reply))
                self.assertFalse(accepts(RemoteAction._validate_action_result, reply))

    def test_every_event_that_rasa_writes_is_judged_as_before(self) -> None:
        shipped = SHIPPED[RemoteAction, "_validate_action_result"]
        for event in conversation(1).events:
            reply = {"events": [event.as_dict()], "responses": []}
            with self.subTest(event.type_name):
                self.assertEqual(
                    accepts(RemoteAction._validate_action_result, reply),
                    accepts(shipped, reply),
                )

    def test_events_find_their_class_as_before(self) -> None:
        shipped = SHIPPED[Event, "resolve_by_type"].__func__
        for name in ("user", "bot", "slot", "action", "restart", "session_started"):
            for _ in range(2):
                self.assertIs(Event.resolve_by_type(name), shipped(name))
        for resolve in (Event.resolve_by_type, shipped):
            self.assertIs(resolve("nonsense", UserUttered), UserUttered)
            with self.assertRaises(ValueError):
                resolve("nonsense")


class ShortCall(unittest.TestCase):
    def setUp(self) -> None:
        rasa_speedups.install()

    def test_an_action_is_called_with_an_empty_domain(self) -> None:
        call = remote()._action_call_format(conversation(1), domain())
        self.assertEqual(call["domain"], {})
        self.assertEqual(call["next_action"], "action_work_permission")
        self.assertEqual(call["tracker"]["sender_id"], "test")

    def test_an_action_sees_the_last_messages_only(self) -> None:
        events = remote()._action_call_format(conversation(9), domain())["tracker"]["events"]
        said = [event["text"] for event in events if event["event"] == "user"]
        self.assertEqual(said, ["message 6", "message 7", "message 8"])

    def test_a_short_conversation_is_sent_whole(self) -> None:
        tracker = conversation(2)
        sent = remote()._action_call_format(tracker, domain())["tracker"]["events"]
        self.assertEqual(sent, [event.as_dict() for event in tracker.events])

    def test_whoever_wants_the_domain_gets_it(self) -> None:
        call = remote(selective=False)._action_call_format(conversation(1), domain())
        self.assertEqual(call["domain"], domain().as_dict())


if __name__ == "__main__":
    unittest.main()


RULE_DOMAIN = {
    "intents": ["ask", "bye", "odd"],
    "actions": ["action_work_permission", "action_goodbye"],
    "slots": SLOTS,
}


def trained_rules(folder: str, extra: list[dict[str, Any]] | None = None) -> tuple[RulePolicy, Domain]:
    """Return Rasa's rule policy, trained on two rules of one turn (and `extra` steps as a third)."""
    rules = Domain.from_dict(RULE_DOMAIN)
    policy = RulePolicy.create(
        {**RulePolicy.get_default_config(), "core_fallback_action_name": "action_goodbye"},
        LocalModelStorage.create(Path(folder)),
        Resource("rules"),
        ExecutionContext(GraphSchema({})),
    )
    trackers = [
        rule_tracker([UserUttered(intent={"name": intent}), ActionExecuted(action)], rules)
        for intent, action in (("ask", "action_work_permission"), ("bye", "action_goodbye"))
    ]
    if extra:
        trackers.append(rule_tracker(extra, rules))
    policy.train(trackers, rules)
    return policy, rules


def rule_tracker(steps: list[Any], rules: Domain) -> DialogueStateTracker:
    events = [ActionExecuted("..."), ActionExecuted("action_listen"), *steps, ActionExecuted("...")]
    tracker = DialogueStateTracker.from_events("rule", events, rules.slots, domain=rules)
    tracker.is_rule_tracker = True
    return tracker


def chosen(predict: Any, policy: RulePolicy, rules: Domain, events: list[Event]) -> tuple[str, float]:
    tracker = DialogueStateTracker.from_events("test", events, rules.slots, domain=rules)
    prediction = predict(policy, tracker, rules)
    best = max(range(len(prediction.probabilities)), key=prediction.probabilities.__getitem__)
    return rules.action_names_or_texts[best], prediction.probabilities[best]


class Rules(unittest.TestCase):
    """What is remembered of the rules is what Rasa's own policy says, at every place of a conversation."""

    def talks(self) -> list[list[Event]]:
        def turn(intent: str, action: str | None = None) -> list[Event]:
            said = UserUttered(intent, {"name": intent, "confidence": 1.0})
            heard: list[Event] = [ActionExecuted("action_listen"), said]
            return heard + ([ActionExecuted(action), SlotSet("topic", action)] if action else [])

        first = turn("bye", "action_goodbye")
        return [
            turn("ask"),
            turn("ask", "action_work_permission"),
            [*first, *turn("ask")],
            [*first, *turn("ask", "action_work_permission")],
            turn("odd"),
            [*first, *turn("odd")],
            turn("restart"),
        ]

    def test_the_same_action_follows_as_before(self) -> None:
        rasa_speedups.install()
        shipped = SHIPPED[RulePolicy, "predict_action_probabilities"]
        with tempfile.TemporaryDirectory() as folder:
            policy, rules = trained_rules(folder)
            for _again in range(2):
                for events in self.talks():
                    with self.subTest(events=[str(event) for event in events]):
                        self.assertEqual(
                            chosen(RulePolicy.predict_action_probabilities, policy, rules, events),
                            chosen(shipped, policy, rules, events),
                        )
            self.assertIsNotNone(policy._lotse_known[1])

    def test_rules_that_look_further_back_are_left_to_rasa(self) -> None:
        rasa_speedups.install()
        longer = [
            UserUttered(intent={"name": "odd"}),
            ActionExecuted("action_goodbye"),
            ActionExecuted("action_work_permission"),
            ActionExecuted("action_goodbye"),
        ]
        with tempfile.TemporaryDirectory() as folder:
            policy, rules = trained_rules(folder, longer)
            chosen(RulePolicy.predict_action_probabilities, policy, rules, self.talks()[0])
            self.assertIsNone(policy._lotse_known[1])


class Graph(unittest.TestCase):
    def test_the_pipeline_gives_the_same_result_as_rasas_runner(self) -> None:
        runner = agent().processor.graph_runner
        target = agent().processor.model_metadata.nlu_target
        shipped = SHIPPED[DaskGraphRunner, "run"]
        for text in ("Wann habt ihr geöffnet?", "منذ ٥ أشهر", "🤷"):
            results = []
            for run in (shipped, DaskGraphRunner.run):
                message = UserMessage(text, sender_id="test")
                found = run(runner, inputs={PLACEHOLDER_MESSAGE: [message]}, targets=[target])[target][0]
                results.append((found.get("intent"), found.get("entities"), found.get("intent_ranking")))
            with self.subTest(text):
                self.assertEqual(results[0], results[1])
        self.assertIn((target,), runner._lotse_plans)
