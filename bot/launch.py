"""Start the whole assistant on one machine (`make run`): Rasa, action server and web app under honcho.

Says in plain words what happens, waits until all three answer, prints the addresses and the staff login,
and stops everything on Ctrl-C or when one part ends. What the parts print goes to `<state>/log/`.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path
from typing import TextIO

import yaml
from honcho.environ import parse_procfile
from honcho.manager import Manager
from honcho.printer import Message

from bot.first_login import first_login
from bot.settings import Settings, settings_or_exit
from office.store import Store

ROOT = Path(__file__).resolve().parent.parent
START_LIMIT_S = 180  # Rasa imports TensorFlow; on a slow disk its first start takes more than a minute


class LogPrinter:
    """Honcho printer that writes each process to its own file; the terminal stays readable."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.width = 0
        self.files: dict[str, TextIO] = {}
        folder.mkdir(parents=True, exist_ok=True)

    def write(self, message: Message) -> None:
        """Append what a process printed to `<name>.log`."""
        name = message.name or "system"
        if name not in self.files:
            self.files[name] = (self.folder / f"{name}.log").open("w", encoding="utf-8", buffering=1)
        data = message.data
        self.files[name].write(data.decode("utf-8", "replace") if isinstance(data, bytes) else data)


def taken_port(settings: Settings) -> str | None:
    """Return a sentence if a port that is needed is in use, else None."""
    ports = (("LOTSE_PORT", settings.port), ("LOTSE_RASA_PORT", settings.rasa_port))
    for name, port in (*ports, ("LOTSE_ACTIONS_PORT", settings.actions_port)):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                return (
                    f"Port {port} is already in use. Stop the other programme, "
                    f"or choose another port, for example: {name}={port + 1} make run"
                )
    return None


def endpoints_file(settings: Settings) -> Path:
    """Write endpoints.yml with this installation's ports into the state folder and return its path."""
    endpoints = yaml.safe_load((ROOT / "endpoints.yml").read_text(encoding="utf-8"))
    endpoints["action_endpoint"]["url"] = f"http://127.0.0.1:{settings.actions_port}/webhook"
    path = settings.state / "endpoints.yml"
    path.write_text(yaml.safe_dump(endpoints), encoding="utf-8")
    return path


def model_path() -> Path:
    """Return the model made for the present training data (tools/build.py knows its name)."""
    command = [sys.executable, str(ROOT / "tools" / "build.py"), "--model-name"]
    name = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()  # noqa: S603
    return ROOT / "models" / f"{name}.tar.gz"


def environment(settings: Settings) -> dict[str, str]:
    """Environment of the three processes: where things are, and quiet libraries."""
    return {
        **os.environ,
        "LOTSE_STATE": str(settings.state),
        "LOTSE_PORT": str(settings.port),
        "LOTSE_RASA_PORT": str(settings.rasa_port),
        "LOTSE_ACTIONS_PORT": str(settings.actions_port),
        "LOTSE_DATABASE_URL": settings.database_url,
        "LOTSE_MODEL": str(model_path()),
        "LOTSE_ENDPOINTS": str(endpoints_file(settings)),
        "SANIC_HOST": "127.0.0.1",  # the action server must not be reachable from outside
        "PYTHONUNBUFFERED": "1",
        "PYTHONPATH": str(ROOT),
        "RASA_TELEMETRY_ENABLED": "false",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
        "PYTHONWARNINGS": "ignore",
        # one thread each: the model is small, and two cores are shared by three processes
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }


def health(settings: Settings) -> dict[str, str]:
    """Return what the app says of itself and the parts behind it; empty while it does not answer yet."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{settings.port}/health", timeout=2) as answer:
            return dict(json.load(answer))
    except urllib.error.HTTPError as partly:
        return dict(json.load(partly))
    except (OSError, ValueError):
        return {}


def announce(settings: Settings, manager: Manager, login: tuple[str, str] | None, began: float) -> None:
    """Wait until all parts answer, then tell where to go; stop everything if they never do."""
    names = {"app": "web app", "actions": "action server", "rasa": "Rasa (understanding)"}
    ready: set[str] = set()
    while time.monotonic() - began < START_LIMIT_S:
        state = health(settings)
        for part in names:
            if state.get(part) == "ok" and part not in ready:
                ready.add(part)
                print(f"  {names[part]} is ready ({time.monotonic() - began:.0f} s)", flush=True)
        if len(ready) == len(names):
            print(welcome(settings, login), flush=True)
            return
        time.sleep(0.5)
    missing = ", ".join(words for part, words in names.items() if part not in ready)
    print(f"Sorry: {missing} did not start. See {settings.state / 'log'}.", flush=True)
    os.kill(os.getpid(), signal.SIGTERM)


def welcome(settings: Settings, login: tuple[str, str] | None) -> str:
    """The lines a newcomer acts on."""
    address = f"http://localhost:{settings.port}"
    lines = ["", "Lotse is running.", f"  Chat:          {address}", f"  Staff console: {address}/console"]
    if login:
        lines.append(f"  Staff login:   {login[0]}  password: {login[1]}")
    if settings.telegram_token:
        lines.append("  Telegram:      polling")
    return "\n".join([*lines, f"  API:           {address}/docs", "Stop with Ctrl-C.", ""])


def main() -> int:
    """Run until stopped; return a process exit code."""
    settings = settings_or_exit()
    busy = taken_port(settings)
    if busy:
        print(f"Sorry: {busy}")
        return 1
    if not model_path().exists():
        print("Sorry: the model is missing. Run: make build")
        return 1
    settings.state.mkdir(parents=True, exist_ok=True)
    print("Preparing the database …", flush=True)
    store = Store(settings.database_url)
    store.migrate()
    login = first_login(store, settings)
    store.close()
    print("Starting Rasa, the action server and the web app …", flush=True)
    manager = Manager(printer=LogPrinter(settings.state / "log"))
    env = environment(settings)
    for name, command in parse_procfile((ROOT / "Procfile").read_text(encoding="utf-8")).processes.items():
        manager.add_process(name, f"exec {command}", env=env, cwd=str(ROOT))
    began = time.monotonic()
    threading.Thread(target=announce, args=(settings, manager, login, began), daemon=True).start()
    manager.loop()
    if manager.returncode in (130, 143):
        print("Stopped.")
        return 0
    print(f"Sorry: {first_to_end(settings.state / 'log')}")
    return manager.returncode or 1


def first_to_end(folder: Path) -> str:
    """Say which part ended first and the last line it wrote (honcho stops the others after it)."""
    lines = (folder / "system.log").read_text(encoding="utf-8").splitlines()
    part = next((line.split()[0] for line in lines if " stopped (rc=" in line), None)
    if part is None:
        return f"one part ended by itself. See {folder}."
    log = folder / f"{part}.log"
    words = [line for line in log.read_text(encoding="utf-8").splitlines() if line.strip()] if log.exists() else []
    return f"{part} ended by itself: {words[-1].strip() if words else 'it said nothing'} (See {log}.)"


if __name__ == "__main__":
    sys.exit(main())
