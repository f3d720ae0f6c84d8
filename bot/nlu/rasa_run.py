"""Train a pipeline with Rasa itself and let it read messages: `python -m bot.nlu.rasa_run config.yml data held.tsv out.json`.

Runs in a process of its own, so that time and memory are its own. `default` as config is Rasa's default pipeline (DIET).
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import resource
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("SQLALCHEMY_SILENCE_UBER_WARNING", "1")

# What `rasa init` and an empty pipeline give in Rasa 3.6, policies left out.
DEFAULT = """
recipe: default.v1
assistant_id: default
language: xx
pipeline:
- name: WhitespaceTokenizer
- name: RegexFeaturizer
- name: LexicalSyntacticFeaturizer
- name: CountVectorsFeaturizer
- name: CountVectorsFeaturizer
  analyzer: char_wb
  min_ngram: 1
  max_ngram: 4
- name: DIETClassifier
  epochs: {epochs}
  constrain_similarities: true
- name: FallbackClassifier
  threshold: 0.3
  ambiguity_threshold: 0.1
"""


def run(config: str, data: str, messages: Sequence[str], epochs: int = 100) -> dict[str, Any]:
    """Return training seconds, file size, memory, and for each message its ranking, intent and milliseconds."""
    from rasa.core.agent import Agent
    from rasa.core.channels.channel import UserMessage
    from rasa.model_training import train_nlu
    from rasa.utils.log_utils import configure_structlog

    configure_structlog(logging.ERROR)
    with tempfile.TemporaryDirectory() as folder:
        if config == "default":
            config = str(Path(folder) / "config.yml")
            Path(config).write_text(DEFAULT.format(epochs=epochs), encoding="utf-8")
        began = time.perf_counter()
        path = train_nlu(config, data, str(Path(folder) / "models"))
        trained = time.perf_counter() - began
        if not path:
            raise RuntimeError("Rasa trained no model.")
        size = Path(path).stat().st_size
        agent = Agent.load(path)
        read = []
        for text in messages:
            began = time.perf_counter()
            parsed = dict(asyncio.run(agent.processor.parse_message(UserMessage(text, sender_id="judge"))))
            spent = (time.perf_counter() - began) * 1000
            ranking = [(entry["name"], entry["confidence"]) for entry in parsed.get("intent_ranking") or []]
            read.append({"intent": (parsed.get("intent") or {}).get("name"), "ranking": ranking, "ms": spent})
    return {"train_s": trained, "model_mb": size / 1e6, "memory_mb": _memory(), "messages": read}


def _memory() -> float:
    """Return the most memory this process had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main(arguments: Sequence[str] | None = None) -> int:
    """Train, read, and write what came out."""
    from bot.nlu.examples import read_heldout

    parser = argparse.ArgumentParser(prog="python -m bot.nlu.rasa_run", description=__doc__)
    parser.add_argument("config")
    parser.add_argument("data")
    parser.add_argument("heldout", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--epochs", type=int, default=100)
    chosen = parser.parse_args(arguments)
    texts = [example.text for example in read_heldout(chosen.heldout)]
    chosen.out.write_text(json.dumps(run(chosen.config, chosen.data, texts, chosen.epochs)), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
