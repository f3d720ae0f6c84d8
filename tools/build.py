"""Prepare everything Lotse needs on a bare machine: uv, two environments, catalogues, the trained model.

Runs on any Python from 3.8 with nothing installed (standard library only), is safe to repeat, and does
nothing twice: each step leaves a stamp under `.build/` that names the exact input it was made from.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STAMPS = ROOT / ".build"
QUIET_RASA = {
    "RASA_TELEMETRY_ENABLED": "false",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "PYTHONWARNINGS": "ignore",
}
NETWORK_WORDS = (
    "dns error",
    "failed to lookup",
    "name resolution",
    "connection refused",
    "connect error",
    "network is unreachable",
    "error sending request",
    "newconnectionerror",
    "max retries exceeded",
    "timed out",
    "could not connect",
)


class BuildError(Exception):
    """A step that could not be done; the message is one sentence that says what to do."""


def say(text: str) -> None:
    """Tell the person in front of the terminal, at once."""
    print(text, flush=True)


def digest(paths: Iterable[Path], *words: str) -> str:
    """Return a short fingerprint of files (names and contents) and words."""
    sha = hashlib.sha256()
    for word in words:
        sha.update(word.encode() + b"\0")
    for path in sorted(paths):
        sha.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes() + b"\0")
    return sha.hexdigest()[:16]


def run(command: list[str], what: str, env: dict[str, str] | None = None) -> str:
    """Run a command quietly and return what it printed; on failure keep its words, say one sentence."""
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, **(env or {})},
        text=True,
        errors="replace",
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
    )
    if done.returncode == 0:
        return done.stdout
    STAMPS.mkdir(exist_ok=True)
    log = STAMPS / "failed.log"
    log.write_text(f"$ {' '.join(command)}\n{done.stdout}", encoding="utf-8")
    lowered = done.stdout.lower()
    if any(word in lowered for word in NETWORK_WORDS):
        raise BuildError(f"{what}: the package registry cannot be reached. Is this machine online? (Details: {log})")
    last = [line for line in done.stdout.strip().splitlines() if line.strip()][-1:]
    raise BuildError(f"{what} failed: {last[0].strip() if last else 'no message'} (Details: {log})")


def find_uv() -> str:
    """Return the path of uv; install the pinned, hashed one into `.uv/` if the machine has none."""
    for candidate in (ROOT / ".uv" / "bin" / "uv", shutil.which("uv")):
        if candidate and Path(candidate).exists():
            return str(candidate)
    say("Installing uv (the installer for everything else) …")
    try:
        run([sys.executable, "-m", "venv", str(ROOT / ".uv")], "Making a small environment for uv")
        pip = [str(ROOT / ".uv" / "bin" / "python"), "-m", "pip", "install", "-q", "--require-hashes"]
        run([*pip, "-r", "requirements/uv.txt"], "Installing uv")
    except BuildError:
        shutil.rmtree(ROOT / ".uv", ignore_errors=True)
        raise
    return str(ROOT / ".uv" / "bin" / "uv")


def find_python(uv: str, version: str) -> str:
    """Return the path of Python `version` ("3.12"); raise BuildError with what to do where there is none."""
    env = {**os.environ, "UV_PYTHON_DOWNLOADS": "never"}
    found = subprocess.run([uv, "python", "find", version], cwd=ROOT, env=env, text=True, capture_output=True)
    if found.returncode != 0:
        raise BuildError(
            f"Python {version} was not found. Please install it, for example with: pyenv install {version}"
        )
    return found.stdout.strip()


def environment(uv: str, folder: str, version: str, lock: str, also_good: tuple[str, ...] = ()) -> None:
    """Make `folder` hold exactly what `requirements/<lock>.txt` lists.

    `also_good` names other lock files that contain it: an environment made from one of them is left alone.
    """
    stamp = STAMPS / f"{folder.strip('.')}.stamp"
    wanted = {name: digest([ROOT / "requirements" / f"{name}.txt"], version) for name in (lock, *also_good)}
    have = stamp.read_text().strip() if stamp.exists() else ""
    python = ROOT / folder / "bin" / "python"
    if have in wanted.values() and works(python):
        return
    found = find_python(uv, version)
    say(f"Installing packages into {folder} (Python {version}) …")
    began = time.monotonic()
    if not works(python):
        run([uv, "venv", "-q", "--clear", "--python", found, folder], f"Making {folder}")
    run(
        [uv, "pip", "sync", "-q", "--python", str(python), "--require-hashes", f"requirements/{lock}.txt"],
        f"Installing into {folder}",
    )
    STAMPS.mkdir(exist_ok=True)
    stamp.write_text(wanted[lock])
    say(f"  done in {time.monotonic() - began:.0f} s.")


def works(python: Path) -> bool:
    """True if this interpreter exists and starts (an environment may outlive the Python it was made from)."""
    if not python.exists():
        return False
    return subprocess.run([str(python), "-c", ""], capture_output=True).returncode == 0


def catalogues() -> None:
    """Compile the sentences of every language, and learn to tell the languages apart."""
    run([".venv/bin/python", "-m", "bot.replies.compile"], "Compiling the languages")
    run([".venv/bin/python", "-m", "bot.language_model"], "Learning to tell the languages apart")


def training_input() -> Iterator[Path]:
    """Every file the model depends on."""
    yield from (ROOT / name for name in ("config.yml", "domain.yml", "requirements/rasa.txt"))
    for folder, pattern in (("data", "*.*"), ("bot/nlu", "*.py")):
        yield from (p for p in (ROOT / folder).rglob(pattern) if p.is_file() and "__pycache__" not in p.parts)


def model_name() -> str:
    """Name of the model that belongs to the present training input."""
    return f"lotse-{digest(training_input())}"


def model() -> Path:
    """Train unless the model for exactly this input is already there; older ones are removed."""
    path = ROOT / "models" / f"{model_name()}.tar.gz"
    if path.exists():
        return path
    say("Teaching the assistant to understand (training the model, one to three minutes) …")
    began = time.monotonic()
    command = [
        ".venv-rasa/bin/rasa",
        "train",
        "--fixed-model-name",
        model_name(),
        "--out",
        "models",
        "--quiet",
    ]
    run(command, "Training", QUIET_RASA)
    if not path.exists():
        raise BuildError("Training ended without a model; run `.venv-rasa/bin/rasa train` to see why.")
    for old in path.parent.glob("lotse-*.tar.gz"):
        if old != path:
            old.unlink()
    say(f"  done in {time.monotonic() - began:.0f} s.")
    return path


def main() -> int:
    """Prepare; return a process exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dev", action="store_true", help="with the tools for tests and checks")
    parser.add_argument("--no-model", action="store_true", help="do not train")
    parser.add_argument("--model-name", action="store_true", help="print the name of the model and stop")
    options = parser.parse_args()
    if options.model_name:
        print(model_name())
        return 0
    try:
        uv = find_uv()
        environment(uv, ".venv", "3.12", "dev" if options.dev else "app", () if options.dev else ("dev",))
        environment(uv, ".venv-rasa", "3.10", "rasa")
        catalogues()
        if not options.no_model:
            model()
    except BuildError as problem:
        say(f"Sorry: {problem}")
        return 1
    except KeyboardInterrupt:
        say("Stopped. Nothing is broken; the next run goes on from here.")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
