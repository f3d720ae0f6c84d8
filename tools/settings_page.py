"""Write docs/settings.md from the typed settings: `.venv/bin/python tools/settings_page.py`."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "settings.md"
HEAD = """# Settings

Every setting is an environment variable. Their one typed home is `bot/settings.py`; this page is written from it by
`tools/settings_page.py`, and a test compares the two.

| variable | default | meaning |
|---|---|---|
"""


def page() -> str:
    """Return the page as it should be."""
    from bot.settings import ROOT as project
    from bot.settings import Settings

    rows = []
    for name, field in Settings.model_fields.items():
        default = field.default
        if isinstance(default, Path):
            default = default.relative_to(project)
        shown = "–" if default in (None, "") else f"`{default}`"
        rows.append(f"| `LOTSE_{name.upper()}` | {shown} | {field.description or ''} |")
    return HEAD + "\n".join(rows) + "\n"


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    PAGE.write_text(page(), encoding="utf-8")
