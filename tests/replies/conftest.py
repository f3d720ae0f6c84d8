"""A small set of sentences with a German and an Arabic catalogue."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from bot.replies import Replies
from bot.replies.compile import compile_all
from bot.replies.languages import LOCALES
from bot.replies.messages import update

RESPONSES = """\
demo.opens:
  comment: When it opens.
  text: "{site} opens on {day} ({day_de}) at {time}."
  values: {site: site, day: date, time: time}
demo.free:
  text: "{n} place is free."
  plural: "{n} places are free."
  count: n
  values: {n: number}
demo.law:
  text: "The rule is {cite}."
  simple: "See {cite}."
  values: {cite: cite}
demo.paper:
  text: "Bring your {paper} ({paper_german})."
  values: {paper: "code:paper", paper_german: "german:paper"}
paper.duldung:
  text: "toleration (Duldung)"
system.no_words:
  text: "No words."
unit.months:
  text: "{n} month"
  plural: "{n} months"
  count: n
  values: {n: number}
"""

GERMAN = {
    "demo.opens": "{site} öffnet am {day} um {time} Uhr.",
    "demo.free": ["{n} Platz ist frei.", "{n} Plätze sind frei."],
    "demo.law": "Die Regel ist {cite}.",
    "demo.law#simple": "Siehe {cite}.",
    "demo.paper": "Bringen Sie Ihre {paper} mit.",
    "paper.duldung": "Duldung",
    "system.no_words": "Keine Worte.",
    "unit.months": ["{n} Monat", "{n} Monate"],
}
ARABIC = {
    "demo.opens": "يفتح {site} يوم {day} ({day_de}) الساعة {time}.",
    "demo.free": [
        "لا يوجد مكان شاغر.", "مكان واحد شاغر.", "مكانان شاغران.", "{n} أماكن شاغرة.", "{n} مكانًا شاغرًا.",
        "{n} مكان شاغر.",
    ],
    "demo.law": "القاعدة هي {cite}.",
    "demo.law#simple": "انظر {cite}.",
    "demo.paper": "أحضر {paper} ({paper_german}).",
    "paper.duldung": "الإقامة المتسامح بها (Duldung)",
    "system.no_words": "لا كلمات.",
    "unit.months": ["صفر", "شهر واحد", "شهران", "{n} أشهر", "{n} شهرًا", "{n} شهر"],
}  # fmt: skip


@dataclass(frozen=True)
class Address:
    street: str = "Ötzbachstr. 1"
    postcode: str = "40822"
    city: str = "Mettmann"


@dataclass(frozen=True)
class Site:
    name: str = "Mettmann"
    address: Address | None = None
    hours: None = None


SITES = {"mettmann": Site(address=Address()), "nowhere": Site(name="Nirgendwo")}


def quoted(text: str) -> str:
    return '"' + text.replace('"', '\\"').replace("\n", "\\n") + '"'


def translate(folder: Path, code: str, words: dict[str, str | list[str]]) -> None:
    """Fill the msgstr lines of a catalogue that `update` has made."""
    path = folder / code / "LC_MESSAGES" / "lotse.po"
    blocks = path.read_text(encoding="utf-8").split("\n\n")
    done = []
    for block in blocks:
        lines = block.split("\n")
        context = next((line[9:-1] for line in lines if line.startswith('msgctxt "')), None)
        if context in words:
            given = words[context]
            kept = [line for line in lines if not line.startswith("msgstr")]
            forms = [given] if isinstance(given, str) else given
            names = ["msgstr"] if isinstance(given, str) else [f"msgstr[{n}]" for n in range(len(forms))]
            lines = kept + [f"{name} {quoted(form)}" for name, form in zip(names, forms, strict=True)]
        done.append("\n".join(line for line in lines if line))
    path.write_text("\n\n".join(done) + "\n", encoding="utf-8")


def english(folder: Path) -> Path:
    """Make a locales folder with English sentences only and the project's languages."""
    (folder / "responses").mkdir(parents=True)
    (folder / "responses" / "demo.yml").write_text(RESPONSES, encoding="utf-8")
    # here both catalogues are complete, whatever the state of the project's own
    languages = yaml.safe_load((LOCALES / "languages.yml").read_text(encoding="utf-8"))
    for code, language in languages["languages"].items():
        language["state"] = {"de": "draft", "ar": "draft", "en": "source"}.get(code, "planned")
    (folder / "languages.yml").write_text(yaml.safe_dump(languages, allow_unicode=True), encoding="utf-8")
    return folder


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    """A locales folder with English sentences only."""
    return english(tmp_path / "locales")


@pytest.fixture(scope="session")
def complete(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A locales folder with complete catalogues, compiled; not to be changed."""
    folder = english(tmp_path_factory.mktemp("complete") / "locales")
    update(folder)
    translate(folder, "de", GERMAN)
    translate(folder, "ar", ARABIC)
    compile_all(folder)
    return folder


@pytest.fixture
def folder(complete: Path, tmp_path: Path) -> Path:
    """A copy of the complete one that a test may change."""
    return shutil.copytree(complete, tmp_path / "locales")


@pytest.fixture
def replies(complete: Path) -> Replies:
    return Replies(complete, strict=True, sites=SITES)


def older(path: Path, than: Path) -> None:
    """Make a file look older than another one."""
    stamp = than.stat().st_mtime - 100
    os.utime(path, (stamp, stamp))
