"""What is checked before a commit (`make check`): each check in one line, its words only if it fails.

The checks do not depend on each other and run side by side, as many as the machine has cores.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PY = ".venv/bin/python"
RASA_ENV = {
    "RASA_TELEMETRY_ENABLED": "false",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
}
RASA_VALIDATE = [
    ".venv-rasa/bin/rasa",
    "data",
    "validate",
    "--domain",
    "domain.yml",
    "--data",
    "data",
    "--config",
    "config.yml",
    "--fail-on-warnings",
    "--quiet",
]
# the slow one first, so that the others run beside it
CHECKS: tuple[tuple[str, list[str]], ...] = (
    ("Rasa data", RASA_VALIDATE),
    ("types", [PY, "-m", "mypy"]),
    ("style", [PY, "-m", "ruff", "check", "."]),
    ("layout", [PY, "-m", "ruff", "format", "--check", "."]),
    ("imports", [".venv/bin/lint-imports", "--no-cache"]),
    ("catalogues", [PY, "-m", "bot.replies.messages", "check"]),
    ("the law", [PY, "-m", "eligibility", "check"]),
)


def check(name: str, command: list[str]) -> tuple[str, bool, str, float]:
    """Run one check; return its name, whether it passed, what it said and how long it took in seconds."""
    began = time.monotonic()
    env = {**os.environ, **(RASA_ENV if name == "Rasa data" else {})}
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=env,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        errors="replace",
    )
    return name, done.returncode == 0, f"$ {' '.join(command)}\n{done.stdout}", time.monotonic() - began


def main() -> int:
    """Run all checks; return 1 if any failed."""
    failed = False
    with ThreadPoolExecutor(os.cpu_count() or 2) as pool:
        for name, passed, words, seconds in pool.map(lambda pair: check(*pair), CHECKS):
            print(f"{'ok    ' if passed else 'FAILED'} {name} ({seconds:.0f} s)", flush=True)
            if not passed:
                failed = True
                print(words, flush=True)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
