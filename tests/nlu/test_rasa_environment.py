"""What needs Rasa (Python 3.10) runs there; its own report is the message of a failure here."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ROOT / ".venv-rasa" / "bin" / "python"
LEAST_TESTS = 20


@pytest.mark.slow
def test_pipeline_speedups_and_tracker_store_work_in_rasas_environment() -> None:
    assert PYTHON.exists(), "The Rasa environment is missing: make build"
    done = subprocess.run(
        [str(PYTHON), "-m", "unittest", "discover", "-s", "tests/nlu/rasa_env", "-t", "."],
        cwd=ROOT,
        env={**os.environ, "RASA_TELEMETRY_ENABLED": "false", "TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONWARNINGS": "ignore"},
        text=True,
        errors="replace",
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout[-8000:]
    ran = re.search(r"^Ran (\d+) tests", done.stdout, re.MULTILINE)
    assert ran and int(ran[1]) >= LEAST_TESTS, done.stdout[-2000:]
