"""config.labse.yml with Rasa's real loading code and a language model of a few thousand weights, made here.

Rasa's environment has no `transformers` by itself (docs/better-models.md installs it): then this is skipped.
"""

from __future__ import annotations

import asyncio
import importlib.util
import tempfile
import unittest
from pathlib import Path
from typing import Any

import yaml

from tests.nlu.rasa_env.pipeline import ROOT

EXAMPLES = {
    "greet": ["hallo", "guten tag", "hello there", "مرحبا", "سلام"],
    "ask_opening_hours": ["wann habt ihr auf", "when do you open", "متى تفتحون", "öffnungszeiten"],
    "ask_work_permission": ["darf ich arbeiten", "may i work here", "هل يمكنني العمل", "arbeiten erlaubt"],
}


def tiny_model(folder: Path) -> None:
    """Write a BERT of two small layers with a vocabulary of letters."""
    from transformers import BertConfig, BertTokenizer, TFBertModel

    letters = sorted(set("".join(text for texts in EXAMPLES.values() for text in texts)) - {" "})
    special = ["[PAD]", *(f"[unused{i}]" for i in range(99)), "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    vocabulary = [*special, *letters, *(f"##{letter}" for letter in letters)]
    (folder / "vocab.txt").write_text("\n".join(vocabulary), encoding="utf-8")
    config = BertConfig(
        vocab_size=len(vocabulary), hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32
    )
    model = TFBertModel(config)
    model(model.dummy_inputs)
    model.save_pretrained(folder)
    BertTokenizer(str(folder / "vocab.txt")).save_pretrained(folder)


@unittest.skipUnless(importlib.util.find_spec("transformers"), "transformers is not installed (docs/better-models.md)")
class LanguageModel(unittest.TestCase):
    def test_the_pipeline_of_config_labse_is_trained_and_reads_messages(self) -> None:
        from rasa.core.agent import Agent
        from rasa.core.channels.channel import UserMessage
        from rasa.model_training import train_nlu

        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            (folder / "tiny").mkdir()
            tiny_model(folder / "tiny")
            config: dict[str, Any] = yaml.safe_load((ROOT / "config.labse.yml").read_text(encoding="utf-8"))
            for part in config["pipeline"]:
                if part["name"] == "LanguageModelFeaturizer":
                    part["model_weights"] = str(folder / "tiny")
                if part["name"] == "DIETClassifier":
                    part["epochs"] = 30
            (folder / "config.yml").write_text(yaml.safe_dump(config), encoding="utf-8")
            blocks = [
                {"intent": intent, "examples": "".join(f"- {t}\n" for t in texts)} for intent, texts in EXAMPLES.items()
            ]
            data = yaml.safe_dump({"version": "3.1", "nlu": blocks}, allow_unicode=True)
            (folder / "nlu.yml").write_text(data, encoding="utf-8")
            path = train_nlu(str(folder / "config.yml"), str(folder / "nlu.yml"), str(folder / "models"))
            agent = Agent.load(path)
            parsed = dict(asyncio.run(agent.processor.parse_message(UserMessage("darf ich arbeiten", sender_id="x"))))
            names = [entry["name"] for entry in parsed["intent_ranking"] if entry["name"] != "nlu_fallback"]
            self.assertEqual(names[0], "ask_work_permission")


class Documented(unittest.TestCase):
    def test_the_configuration_names_the_parts_it_is_documented_with(self) -> None:
        config = yaml.safe_load((ROOT / "config.labse.yml").read_text(encoding="utf-8"))
        names = [part["name"] for part in config["pipeline"]]
        self.assertIn("LanguageModelFeaturizer", names)
        self.assertEqual(config["assistant_id"], "lotse")
        self.assertIn("config.labse.yml", (ROOT / "docs" / "better-models.md").read_text(encoding="utf-8"))


if __name__ == "__main__":
    unittest.main()
