"""Compile every catalogue that is newer than its compiled form: `python -m bot.replies.compile`."""

from __future__ import annotations

import sys
from pathlib import Path

from bot.replies.catalogues import compiled, po_path
from bot.replies.languages import LOCALES, load_languages


def compile_all(folder: Path = LOCALES) -> list[str]:
    """Write the .mo files that are missing or out of date; return the codes that were compiled."""
    languages = load_languages(folder)
    done = []
    for code, language in languages.all.items():
        po = po_path(code, folder)
        mo = po.with_suffix(".mo")
        if not po.exists() or (mo.exists() and mo.stat().st_mtime >= _newest(po, folder)):
            continue
        # written beside and moved, so that a running app never reads half a catalogue
        fresh = mo.with_suffix(".mo.new")
        fresh.write_bytes(compiled(po, language))
        fresh.replace(mo)
        done.append(code)
    return done


def _newest(po: Path, folder: Path) -> float:
    return max(po.stat().st_mtime, (folder / "languages.yml").stat().st_mtime)


if __name__ == "__main__":
    codes = compile_all()
    sys.stdout.write(f"compiled: {', '.join(codes)}\n" if codes else "all catalogues are up to date\n")
