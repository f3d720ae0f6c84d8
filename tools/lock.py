"""Renew the hashed requirement files from the dependency groups of pyproject.toml (`make lock`)."""

from __future__ import annotations

import sys

from build import BuildError, find_uv, run, say

COMMON = ["--generate-hashes", "--no-annotate", "--no-header", "--quiet"]
# TensorFlow names them as needed, but only converts JAX models to TFLite with them; importing them costs Rasa 85 MB and a second.
NOT_INSTALLED = ["--no-emit-package", "jax", "--no-emit-package", "jaxlib"]
# `app` takes the versions of `dev`, so that an environment made for tests also runs the application.
LOCKS = (
    ("dev", ["--group", "dev", "--python-version", "3.12", "--universal"]),
    (
        "app",
        ["--group", "app", "--python-version", "3.12", "--universal", "--constraint", "requirements/dev.txt"],
    ),
    ("rasa", ["--group", "rasa", "--python-version", "3.10", *NOT_INSTALLED]),
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
