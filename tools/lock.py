"""Renew the hashed requirement files from the dependency groups of pyproject.toml (`make lock`)."""

from __future__ import annotations

import sys

from build import BuildError, find_uv, run, say

COMMON = ["--generate-hashes", "--no-annotate", "--no-header", "--quiet"]
# `app` takes the versions of `dev`, so that an environment made for tests also runs the application.
LOCKS = (
    ("dev", ["--group", "dev", "--python-version", "3.12", "--universal"]),
    (
        "app",
        ["--group", "app", "--python-version", "3.12", "--universal", "--constraint", "requirements/dev.txt"],
    ),
    ("rasa", ["--group", "rasa", "--python-version", "3.10"]),
)


def main() -> int:
    """Write requirements/*.txt anew; return a process exit code."""
    upgrade = ["--upgrade"] if "--upgrade" in sys.argv[1:] else []
    try:
        uv = find_uv()
        for name, options in LOCKS:
            say(f"Resolving {name} …")
            target = ["--output-file", f"requirements/{name}.txt"]
            run(
                [uv, "pip", "compile", "pyproject.toml", *options, *COMMON, *target, *upgrade],
                f"Resolving {name}",
            )
    except BuildError as problem:
        say(f"Sorry: {problem}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
