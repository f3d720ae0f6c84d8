"""Which response names are used (literals, f-strings, templates, domain.yml)."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from bot.replies.specs import Spec

CODE = ("actions", "bot")
# data names responses bare; templates and scripts in quotes (else `location.href` would be one)
DATA = ("domain.yml", "actions/**/*.yml")
TEMPLATES = ("bot/**/*.html", "bot/**/*.txt", "bot/**/*.js")
WHOLE = re.compile(r"[a-z][a-z0-9_]*(\.[A-Za-z0-9_+-]+)*\.[A-Za-z0-9_+-]*")
WORD = re.compile(r"[a-z][a-z0-9_]*")
IN_DATA = re.compile(r"(?<![\w./-])([a-z][a-z0-9_]*(?:\.[A-Za-z0-9_]+)+)(?![\w/(-])")
IN_TEMPLATE = re.compile(r"""["']([a-z][a-z0-9_]*(?:\.[A-Za-z0-9_]+)*\.[A-Za-z0-9_]*)["']""")
# endings of file names, which look like names of responses
FILES = (".yml", ".yaml", ".py", ".db", ".html", ".css", ".js", ".json", ".ics", ".tsv", ".po", ".mo", ".log",
         ".key", ".txt", ".md", ".svg", ".png", ".cfg")  # fmt: skip
# what actions join to the name of a topic when they say a finding (the outcomes of the rules)
OUTCOMES = frozenset(
    [
        "free",
        "permit",
        "permit_with_consent",
        "permit_with_priority_check",
        "wait",
        "ban",
        "staff",
        "claim",
        "possible",
        "not_now",
        "no",
        "asylblg",
        "sgb2",
        "sgb12",
        "none_known",
    ]
)
HOLE = "\0"
OPTIONAL = "\1"  # before a name that the code may build, but need not


def used_in_python(source: str) -> Iterator[str]:
    """Yield literals that look like names; the holes of f-strings stand as NUL characters."""
    tree = ast.parse(source)
    inside = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in inside:
            if WHOLE.fullmatch(node.value):
                yield node.value
        elif isinstance(node, ast.JoinedStr):
            text = "".join(str(v.value) if isinstance(v, ast.Constant) else HOLE for v in node.values)
            if re.fullmatch(r"[a-z\0][A-Za-z0-9_.\0#+-]*", text) and "." in text and HOLE in text:
                yield text


def words_in_python(source: str) -> Iterator[str]:
    """Yield literals that are one word, and so may be the topic a pattern begins with."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and WORD.fullmatch(node.value):
            yield node.value


def _spelt_out(names: Iterable[str], words: Iterable[str]) -> Iterator[str]:
    """Yield the names; a pattern without a topic (`f"{topic}.{x}"`) once for each word of the same file."""
    topics: set[str] | None = None
    for name in names:
        if not name.startswith(HOLE):
            yield name
            continue
        topics = set(words) if topics is None else topics
        yield from (f"{OPTIONAL}{topic}{name.lstrip(HOLE)}" for topic in topics)


def used_names(root: Path) -> dict[str, str]:
    """Return every name (or f-string pattern) the project uses → a file that uses it."""
    found: dict[str, str] = {}
    for folder in CODE:
        for path in sorted((root / folder).rglob("*.py")):
            if "migrations" not in path.parts:
                source = path.read_text(encoding="utf-8")
                for name in _spelt_out(used_in_python(source), words_in_python(source)):
                    found.setdefault(name, path.relative_to(root).as_posix())
    for pattern in (*DATA, *TEMPLATES):
        names = IN_DATA if pattern in DATA else IN_TEMPLATE
        for path in sorted(root.glob(pattern)):
            if "vendor" not in path.parts:
                for name in names.findall(path.read_text(encoding="utf-8")):
                    found.setdefault(name, path.relative_to(root).as_posix())
    return found


def used_by_kinds(specs: Iterable[Spec]) -> Iterator[str]:
    """Yield the patterns that values of kind `code:x` and `german:x` stand for."""
    for spec in specs:
        for kind in spec.values.values():
            for word in ("code:", "german:"):
                if word in kind:
                    yield f"{kind.split(word)[1].removesuffix('_de')}.{HOLE}"


def name_faults(specs: dict[str, Spec], root: Path) -> Iterator[tuple[str, str, str]]:
    """Yield (where, what, remedy) for names that code uses and nobody wrote, and the other way round."""
    topics = {name.split(".")[0] for name in specs}
    used = used_names(root)
    known: set[str] = set()
    for name, file in used.items():
        if name.startswith(OPTIONAL):
            known |= _matching(name[1:], specs)
            continue
        if name.endswith(FILES) or name.split(".")[0] not in topics:
            continue
        matches = _matching(name, specs)
        known |= matches
        if not matches:
            shown = name.replace(HOLE, "{…}")
            yield (
                f"{file}, {shown}",
                "no response has this name",
                "write it into locales/responses, or correct the name",
            )
    asked = _topics(root)
    known |= {spec for spec in specs if spec.split(".")[1] in OUTCOMES and spec.split(".")[0] in asked}
    for pattern in used_by_kinds(specs.values()):
        known |= _matching(pattern, specs)
    for name in sorted(specs.keys() - known):
        yield (
            f"locales/responses/{specs[name].file}, {name}",
            "nothing uses it",
            "delete the entry, or use it",
        )


def _topics(root: Path) -> set[str]:
    """Return the words in the actions: a topic of the rules is one of them, or nobody ever asks for it."""
    found: set[str] = set()
    for path in (root / "actions").rglob("*.py"):
        found.update(words_in_python(path.read_text(encoding="utf-8")))
    return found


def _matching(name: str, specs: dict[str, Spec]) -> set[str]:
    if HOLE not in name:
        # "fact." + name, and code that is given the beginning of a name, stand for all that begin so
        beginning = name.rstrip(".") + "."
        exact = {spec for spec in specs if spec == name or spec.startswith(beginning)}
        return exact or {spec for spec in specs if spec.startswith(name)}
    pattern = re.compile(".+".join(re.escape(part) for part in re.split(f"{HOLE}+", name)))
    return {spec for spec in specs if pattern.fullmatch(spec)}
