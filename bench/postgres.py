"""A PostgreSQL server of our own, on loopback, in a folder that goes with it: for measurements and tests."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.stack import free_port

# Where Debian and Ubuntu put the programs of each version; elsewhere they are on the path.
DEBIAN = Path("/usr/lib/postgresql")
START_S = 30
ACCOUNT = "postgres"


def programs() -> Path | None:
    """Return the folder with initdb and postgres, the newest version; None if there is none."""
    found = sorted(DEBIAN.glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    return Path(on_path).resolve().parent if on_path else None


def missing() -> str:
    """Return why no server can be started here; empty if one can."""
    if programs() is None:
        return "PostgreSQL is not installed on this machine (apt-get install postgresql)"
    if os.geteuid() == 0 and not _account():
        return f"PostgreSQL does not run as root and there is no account {ACCOUNT!r}"
    try:
        import psycopg  # noqa: F401
    except ImportError:
        return "the driver psycopg is not installed (it is in the app group of pyproject.toml)"
    return ""


def _account() -> str | None:
    """Return the account the server runs under; None: our own, or there is none."""
    try:
        return pwd.getpwnam(ACCOUNT).pw_name
    except KeyError:
        return None


@contextmanager
def server(*, durable: bool = True) -> Iterator[str]:
    """Run a server until the block ends; gives the address of an empty database.

    `durable` False: faster, for tests that never cut the power.
    """
    folder = Path(tempfile.mkdtemp(prefix="lotse-postgres-"))
    account = _account() if os.geteuid() == 0 else None
    if account:
        shutil.chown(folder, account)
    bin = programs()
    if bin is None:
        raise RuntimeError(missing())
    port = free_port()
    _run([str(bin / "initdb"), "-D", str(folder / "data"), "-U", "lotse", "-A", "trust", "-E", "UTF8"], account, folder)
    settings = {
        "listen_addresses": "127.0.0.1",
        "port": str(port),
        "unix_socket_directories": str(folder),
        "max_connections": "200",
        **({} if durable else {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}),
    }
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    with (folder / "log").open("w") as log:
        child = subprocess.Popen(
            [str(bin / "postgres"), "-D", str(folder / "data"), *options],
            stdout=log,
            stderr=log,
            user=account,
            cwd=folder,
        )
    try:
        _wait(bin, port, child, folder, account)
        yield f"postgresql+psycopg://lotse@127.0.0.1:{port}/postgres"
    finally:
        child.send_signal(2)
        try:
            child.wait(20)
        except subprocess.TimeoutExpired:
            child.kill()
        shutil.rmtree(folder, ignore_errors=True)


def _run(command: list[str], account: str | None, folder: Path) -> None:
    done = subprocess.run(command, user=account, cwd=folder, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{command[0]} failed: {done.stderr[-500:]}")


def _wait(bin: Path, port: int, child: subprocess.Popen[bytes], folder: Path, account: str | None) -> None:
    command = [str(bin / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port), "-U", "lotse"]
    until = time.monotonic() + START_S
    while subprocess.run(command, cwd=folder, user=account, check=False).returncode:
        if child.poll() is not None or time.monotonic() > until:
            raise RuntimeError(f"PostgreSQL did not start: {(folder / 'log').read_text()[-500:]}")
        time.sleep(0.1)
