"""config.yml, trained and loaded by Rasa itself, reads messages in three languages."""

from __future__ import annotations

import asyncio
import unittest
from statistics import median
from time import perf_counter
from typing import Any

import yaml
from rasa.core.channels.channel import UserMessage

from tests.nlu.rasa_env.pipeline import ROOT, agent

NOW = {"now": "2024-03-13T10:00:00+01:00"}


def parse(text: str, metadata: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return what Rasa makes of a message that came in with this metadata."""
    message = UserMessage(text, sender_id="test", metadata=metadata)
    return dict(asyncio.run(agent().processor.parse_message(message)))


def facts(text: str, metadata: dict[str, Any] | None = NOW) -> set[tuple[str, str]]:
    return {(e["entity"], e["value"]) for e in parse(text, metadata)["entities"] if e["entity"] != "hint"}


class Parsing(unittest.TestCase):
    def test_messages_of_three_languages_get_their_intent(self) -> None:
        for text, intent in (
            ("Hallo", "greet"),
            ("Darf ich mit Duldung arbeiten?", "ask_work_permission"),
            ("Am I allowed to work with a Duldung?", "ask_work_permission"),
            ("هل يحق لي العمل مع الدولدونغ؟", "ask_work_permission"),
            ("Wann habt ihr am Mittwoch geöffnet?", "ask_opening_hours"),
            ("are you open on Wednesday", "ask_opening_hours"),
            ("متى تفتحون يوم الأربعاء", "ask_opening_hours"),
            ("شكرا كتير", "thank"),
        ):
            with self.subTest(text):
                self.assertEqual(parse(text)["intent"]["name"], intent)

    def test_the_ranking_has_ten_intents_with_falling_chances(self) -> None:
        ranking = parse("Wann habt ihr geöffnet?")["intent_ranking"]
        chances = [entry["confidence"] for entry in ranking]
        self.assertEqual(len(ranking), 10)
        self.assertEqual(chances, sorted(chances, reverse=True))
        self.assertLessEqual(sum(chances), 1.0 + 1e-6)

    def test_what_nobody_understands_is_not_understood(self) -> None:
        for text in ("🤷‍♀️🤷‍♀️", "qwrtzplk vbnmxx hjklq", "?!", "ቤተሰብ ስልክ"):
            with self.subTest(text):
                self.assertEqual(parse(text)["intent"]["name"], "nlu_fallback")

    def test_facts_are_read_behind_the_intent(self) -> None:
        self.assertEqual(
            facts("Ich habe seit 5 Monaten eine Duldung, darf ich arbeiten?"),
            {("residence_status", "duldung"), ("duration", "5")},
        )
        self.assertEqual(facts("منذ ٥ أشهر"), {("duration", "5")})
        self.assertEqual(facts("صار لي شهرين"), {("duration", "2")})
        self.assertNotIn("residence_status", {entity for entity, _ in facts("Ich habe keine Duldung")})

    def test_relative_days_need_the_day_of_the_message(self) -> None:
        text = "Habt ihr übermorgen geöffnet?"
        self.assertIn(("day", "2024-03-15"), facts(text))
        self.assertEqual(facts(text, metadata=None), set())
        self.assertEqual(facts(text, metadata={"now": "not a day"}), set())

    def test_an_impossible_day_is_named(self) -> None:
        self.assertIn("bad_date", {entity for entity, _ in facts("Habt ihr am 31.02.2024 geöffnet?")})

    def test_whom_and_what_of_the_house_a_message_is_about_are_hints(self) -> None:
        for text, hints in {
            "Darf meine Frau arbeiten?": {"who:partner"},
            "Ich wohne bei meinem Bruder, darf ich arbeiten?": {"who:me"},
            "My next client is from Eritrea, can she work?": {"who:client", "who:other"},
            "وأخي هل يحق له العمل؟": {"who:relative", "who:sibling"},
            "Gibt es bei euch einen Aufzug?": {"house:step_free"},
            "هل يمكن أن أحضر أطفالي؟": {"house:play_corner", "who:child"},
        }.items():
            found = {e["value"] for e in parse(text)["entities"] if e["entity"] == "hint"}
            told = {hint for hint in found if hint.startswith(("who:", "house:"))}
            self.assertEqual(told, hints, text)

    def test_places_of_facts_lie_in_the_typed_text(self) -> None:
        text = "Ich  habe eine DULDUNG!"
        (entity,) = [found for found in parse(text)["entities"] if found["entity"] != "hint"]
        self.assertIn("DULDUNG", text[entity["start"] : entity["end"]])

    def test_buttons_bring_their_own_intent_and_facts(self) -> None:
        parsed = parse('/inform{"duration": "5"}')
        self.assertEqual(parsed["intent"]["name"], "inform")
        self.assertEqual([(e["entity"], e["value"]) for e in parsed["entities"]], [("duration", "5")])

    def test_odd_messages_do_not_break_the_pipeline(self) -> None:
        for text in ("", " ", "\u202e\u200f", "a" * 5000, "٣" * 300, "§" * 50, "x " * 2000):
            with self.subTest(text[:20]):
                self.assertIn("name", parse(text)["intent"])

    def test_a_message_is_read_in_milliseconds(self) -> None:
        agent()
        times = []
        for number in range(40):
            began = perf_counter()
            parse(f"Ich habe seit {number} Monaten eine Duldung, darf ich als Küchenhilfe arbeiten?", NOW)
            times.append(perf_counter() - began)
        self.assertLess(median(times), 0.03)  # 6 ms are promised (docs of the report); the machine is shared


class Configuration(unittest.TestCase):
    def test_the_assistant_has_its_name_and_only_light_parts(self) -> None:
        config = yaml.safe_load((ROOT / "config.yml").read_text(encoding="utf-8"))
        self.assertEqual(config["assistant_id"], "lotse")
        self.assertTrue(all(part["name"].startswith("bot.nlu.") for part in config["pipeline"]))
        self.assertEqual([policy["name"] for policy in config["policies"]], ["RulePolicy"])


if __name__ == "__main__":
    unittest.main()
