"""Preparing a bare machine: what is missing is said in one sentence, what is there is not made again."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def build(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> ModuleType:
    """tools/build.py working on an empty folder."""
    spec = importlib.util.spec_from_file_location("build_under_test", ROOT / "tools" / "build.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "STAMPS", tmp_path / ".build")
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements" / "app.txt").write_text("a==1\n")
    (tmp_path / "requirements" / "dev.txt").write_text("a==1\nb==1\n")
    return module


def test_a_missing_python_is_one_sentence_that_says_what_to_do(build: ModuleType) -> None:
    no_python = "/bin/false"
    with pytest.raises(build.BuildError, match=r"Python 3\.12 was not found\. Please install it"):
        build.find_python(no_python, "3.12")


def test_a_machine_that_is_offline_is_told_so(build: ModuleType) -> None:
    command = [sys.executable, "-c", "import sys; print('dns error: failed to lookup address'); sys.exit(2)"]
    with pytest.raises(build.BuildError, match="registry cannot be reached"):
        build.run(command, "Installing")


def test_another_failure_keeps_its_last_line_and_a_log(build: ModuleType) -> None:
    command = [sys.executable, "-c", "import sys; print('first'); print('disk full'); sys.exit(2)"]
    with pytest.raises(build.BuildError, match="Installing failed: disk full"):
        build.run(command, "Installing")
    assert "first" in (build.STAMPS / "failed.log").read_text()


def test_an_environment_is_made_once_and_again_when_its_list_changes(
    build: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[list[str]] = []
    monkeypatch.setattr(build, "run", lambda command, *rest, **more: made.append(command) or "")
    monkeypatch.setattr(build, "works", lambda python: bool(made))
    monkeypatch.setattr(build, "find_python", lambda uv, version: "python")
    build.environment("uv", ".venv", "3.12", "app", ("dev",))
    first = len(made)
    build.environment("uv", ".venv", "3.12", "app", ("dev",))
    assert len(made) == first > 0
    (build.ROOT / "requirements" / "app.txt").write_text("a==2\n")
    build.environment("uv", ".venv", "3.12", "app", ("dev",))
    assert len(made) > first


def test_an_environment_for_tests_also_serves_to_run(build: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[list[str]] = []
    monkeypatch.setattr(build, "run", lambda command, *rest, **more: made.append(command) or "")
    monkeypatch.setattr(build, "works", lambda python: bool(made))
    monkeypatch.setattr(build, "find_python", lambda uv, version: "python")
    build.environment("uv", ".venv", "3.12", "dev")
    first = len(made)
    build.environment("uv", ".venv", "3.12", "app", ("dev",))
    assert len(made) == first


def test_the_model_depends_on_data_and_components_and_on_nothing_else(build: ModuleType) -> None:
    for name in (
        "config.yml",
        "domain.yml",
        "data/nlu/de/a.yml",
        "bot/nlu/x.py",
        "README.md",
        "requirements/rasa.txt",
    ):
        path = build.ROOT / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("one")
    before = build.model_name()
    (build.ROOT / "README.md").write_text("two")
    assert build.model_name() == before
    (build.ROOT / "data/nlu/de/a.yml").write_text("two")
    assert build.model_name() != before


def test_a_port_that_is_taken_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    from bot.launch import taken_port
    from bot.settings import Settings

    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        sentence = taken_port(Settings(port=port))
    assert sentence and f"Port {port} is already in use" in sentence and "LOTSE_PORT=" in sentence


def test_make_is_the_only_thing_a_newcomer_types() -> None:
    said = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert "make run" in said and "make test" in said
