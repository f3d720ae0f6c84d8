"""Run all measurements: `make bench`; one of them: `python -m bench turn`."""

from __future__ import annotations

import importlib
import pkgutil
import sys

import bench

SUPPORT = {"__main__", "stack", "postgres"}


def main() -> None:
    """Run every module of this folder that has a `main`, or those named."""
    wanted = sys.argv[1:]
    for info in sorted(pkgutil.iter_modules(bench.__path__), key=lambda info: info.name):
        if info.name in SUPPORT or (wanted and info.name not in wanted):
            continue
        print(f"\n== {info.name}", flush=True)
        importlib.import_module(f"bench.{info.name}").main()


if __name__ == "__main__":
    main()
