"""A small model of the shipped config.yml, trained once: a few shipped examples of each intent and language."""

from __future__ import annotations

import atexit
import functools
import logging
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("SQLALCHEMY_SILENCE_UBER_WARNING", "1")

import yaml
from rasa.core.actions.action import RemoteAction
from rasa.core.agent import Agent
from rasa.core.policies.rule_policy import RulePolicy
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.model_training import train_nlu
from rasa.shared.core.events import Event
from rasa.utils.endpoints import EndpointConfig
from rasa.utils.log_utils import configure_structlog

from bot.nlu import rasa_speedups
from bot.nlu.examples import read_training

ROOT = Path(__file__).resolve().parents[3]
LANGUAGES = ("ar", "de", "en")
EXAMPLES = 24  # of each intent and language
# What rasa_speedups replaces, as Rasa ships it; read before anything is installed.
PLACES: tuple[tuple[Any, str], ...] = (
    (RemoteAction, "_validate_action_result"),
    (Event, "resolve_by_type"),
    (RemoteAction, "_action_call_format"),
    (EndpointConfig, "session"),
    (RulePolicy, "_prediction_states"),
    (RulePolicy, "predict_action_probabilities"),
    (DaskGraphRunner, "run"),
)
SHIPPED = {(home, name): home.__dict__.get(name) for home, name in PLACES}

configure_structlog(logging.ERROR)  # Rasa writes every parsed message otherwise


def as_shipped() -> None:
    """Put Rasa's own functions back."""
    for (home, name), function in SHIPPED.items():
        if function is not None:
            setattr(home, name, function)
        elif name in home.__dict__:
            delattr(home, name)  # it was inherited
    rasa_speedups._active.clear()


def _few_examples(path: Path) -> None:
    counts: dict[tuple[str, str], int] = {}
    kept: dict[str, list[str]] = {}
    for example in read_training(ROOT / "data" / "nlu"):
        cell = (example.language, example.intent)
        counts[cell] = counts.get(cell, 0) + 1
        if example.language in LANGUAGES and counts[cell] <= EXAMPLES:
            kept.setdefault(example.intent, []).append(example.text)
    blocks = [
        {"intent": intent, "examples": "".join(f"- {text}\n" for text in texts)} for intent, texts in kept.items()
    ]
    path.write_text(yaml.safe_dump({"version": "3.1", "nlu": blocks}, allow_unicode=True), encoding="utf-8")


@functools.lru_cache(maxsize=1)
def model_file() -> str:
    """Train and return the path of the model; the folder goes when the tests end."""
    folder = Path(tempfile.mkdtemp(prefix="lotse-nlu-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    _few_examples(folder / "nlu.yml")
    found = train_nlu(str(ROOT / "config.yml"), str(folder / "nlu.yml"), str(folder / "models"))
    if not found:
        raise AssertionError("Rasa trained no model.")
    return str(found)


@functools.lru_cache(maxsize=1)
def agent() -> Agent:
    """Return the model loaded as `rasa run` loads it, into a Rasa without any speed-up."""
    path = model_file()
    as_shipped()
    return Agent.load(path)
