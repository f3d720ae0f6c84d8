"""Start and stop what is measured: the whole assistant, and Rasa alone with its default pipeline."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
QUIET = {
    "RASA_TELEMETRY_ENABLED": "false",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "PYTHONWARNINGS": "ignore",
}
START_LIMIT_S = 300
RASA = str(ROOT / ".venv-rasa" / "bin" / "rasa")


@dataclass
class Running:
    """A started system: its address, its root process and how long it took to answer, in seconds."""

    url: str
    pid: int
    started_s: float


def free_port() -> int:
    """Return a port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(url: str) -> bool:
    """True if the address answers with success."""
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return answer.status == 200
    except (OSError, urllib.error.HTTPError):
        return False


@contextmanager
def process(command: list[str], url: str, health: str, log: Path, env: dict[str, str]) -> Iterator[Running]:
    """Run a command until the block ends, once its health address answers; RuntimeError if it never does."""
    began = time.monotonic()
    with log.open("w") as out:
        child = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, **QUIET, **env},
            stdout=out,
            stderr=out,
            start_new_session=True,
        )
    try:
        while not answers(health):
            if child.poll() is not None or time.monotonic() - began > START_LIMIT_S:
                raise RuntimeError(f"{command[0]} did not start; see {log}")
            time.sleep(0.1)
        yield Running(url, child.pid, time.monotonic() - began)
    finally:
        # a process that ends by itself between the look and the signal is what was wanted
        try:
            os.killpg(child.pid, signal.SIGINT)
            child.wait(20)
        except (ProcessLookupError, subprocess.TimeoutExpired):
            child.kill()


@contextmanager
def assistant(folder: Path) -> Iterator[Running]:
    """The whole assistant as `make run` starts it, with its own state and ports."""
    ports = {f"LOTSE_{name}": str(free_port()) for name in ("PORT", "RASA_PORT", "ACTIONS_PORT")}
    url = f"http://127.0.0.1:{ports['LOTSE_PORT']}"
    env = {
        **ports,
        "LOTSE_STATE": str(folder / "state"),
        "LOTSE_RATE_CONVERSATION": "0",
        "LOTSE_RATE_ADDRESS": "0",
    }
    with process([sys.executable, "-m", "bot.launch"], url, f"{url}/health", folder / "assistant.log", env) as it:
        yield it


@contextmanager
def rasa_alone(model: Path, folder: Path) -> Iterator[Running]:
    """Rasa with a given model and its own REST channel, nothing else: no action server, tracker in memory."""
    port = free_port()
    credentials, endpoints = folder / "credentials.yml", folder / "endpoints.yml"
    credentials.write_text("rest:\n")
    endpoints.write_text("{}\n")
    url = f"http://127.0.0.1:{port}"
    command = [RASA, "run", "--model", str(model), "--interface", "127.0.0.1", "--port", str(port)]
    command += ["--endpoints", str(endpoints), "--credentials", str(credentials)]
    with process(command, url, f"{url}/webhooks/rest/", folder / "reference.log", {}) as it:
        yield it


def train(config: Path, folder: Path, name: str) -> tuple[Path, float]:
    """Train a model on the project's data; return its path and the seconds it took."""
    began = time.monotonic()
    command = [
        RASA,
        "train",
        "--config",
        str(config),
        "--out",
        str(folder),
        "--fixed-model-name",
        name,
        "--force",
    ]
    done = subprocess.run([*command, "--quiet"], cwd=ROOT, env={**os.environ, **QUIET}, text=True, capture_output=True)
    if done.returncode:
        raise RuntimeError(f"training failed: {done.stderr[-2000:]}")
    shutil.rmtree(ROOT / ".rasa" / "cache", ignore_errors=True)
    return folder / f"{name}.tar.gz", time.monotonic() - began


def memory_mb(pid: int) -> float:
    """Proportional memory (PSS) of a process and everything it started, in MB."""
    total, waiting = 0, [pid]
    while waiting:
        current = waiting.pop()
        tasks = Path(f"/proc/{current}/task")
        try:
            rollup = Path(f"/proc/{current}/smaps_rollup").read_text()
            total += next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))
            for task in tasks.iterdir():
                waiting += [int(child) for child in (task / "children").read_text().split()]
        except (FileNotFoundError, ProcessLookupError):
            continue
    return total / 1024
