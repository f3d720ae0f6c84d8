"""The rule command: python -m eligibility TOPIC | calendar TOPIC | check (see README.md)."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from .model import EligibilityError, FactError, RuleError
from .values import read_day

_Base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _FactsLoader(_Base):  # type: ignore[misc]
    """Safe YAML in which a day stays text, so that 30 February reaches our own check and its sentence."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        """Refuse a fact that is given twice: YAML itself would silently take the last."""
        names = [key.value for key, _ in node.value]
        for name in names:
            if names.count(name) > 1:
                raise FactError(str(name), f"The fact '{name}' is given more than once; give it once.")
        found: dict[Any, Any] = super().construct_mapping(node, deep)
        return found


_FactsLoader.yaml_implicit_resolvers = {
    first: [(tag, regexp) for tag, regexp in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in _Base.yaml_implicit_resolvers.items()
}


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns the exit code: 0 an answer, 1 the check failed, 2 the request was wrong."""
    words = sys.argv[1:] if arguments is None else arguments
    try:
        if words[:1] == ["check"]:
            return _check(words[1:])
        if words[:1] == ["calendar"]:
            return _calendar(words[1:])
        return _evaluate(words)
    except (EligibilityError, RuleError) as error:
        sys.stderr.write(f"{error}\n")
        return 2


def _evaluate(words: list[str]) -> int:
    from .engine import answer_so_far

    given = _parser("python -m eligibility").parse_args(words)
    finding = answer_so_far(given.topic, _facts(given.facts), read_day("on", given.on))
    sys.stdout.write(json.dumps(finding.to_json(), ensure_ascii=False, indent=2) + "\n")
    return 0


def _calendar(words: list[str]) -> int:
    from .outlook import calendar

    parser = _parser("python -m eligibility calendar")
    parser.add_argument("--years", type=int, default=4, help="how far to look ahead (1 to 20)")
    given = parser.parse_args(words)
    if not 1 <= given.years <= 20:
        raise FactError("years", f"'{given.years}' is no value of years: allowed are 1 to 20.")
    changes = calendar(given.topic, _facts(given.facts), read_day("on", given.on), given.years)
    sys.stdout.write(json.dumps([change.to_json() for change in changes], ensure_ascii=False, indent=2) + "\n")
    return 0


def _check(words: list[str]) -> int:
    from .check import check

    parser = argparse.ArgumentParser("python -m eligibility check", description="Prove the rule set.")
    parser.add_argument("topics", nargs="*", help="topics (default: all)")
    return check(parser.parse_args(words).topics)


def _parser(name: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(name, description="Evaluate the rules of a topic on a day.")
    parser.add_argument("topic")
    parser.add_argument("--on", required=True, help="the day, ISO: 2026-10-22")
    parser.add_argument("--facts", required=True, help="a YAML file with facts, or - for standard input")
    return parser


def _facts(path: str) -> Mapping[str, object]:
    try:
        if path == "-":
            text = sys.stdin.read()
        else:
            text = Path(path).read_text(encoding="utf-8")
        raw = yaml.load(text, Loader=_FactsLoader)  # noqa: S506 (a safe loader)
    except FactError:
        raise
    except (OSError, UnicodeDecodeError) as error:
        raise FactError("facts", f"The facts file '{path}' cannot be read: {error}.") from error
    except (yaml.YAMLError, ValueError) as error:
        raise FactError("facts", f"The facts are not YAML: {' '.join(str(error).split())}.") from error
    if raw is None:
        return {}
    if not isinstance(raw, dict):
        raise FactError("facts", "The facts must be a YAML mapping such as 'residence_status: duldung'.")
    return raw


if __name__ == "__main__":
    sys.exit(main())
