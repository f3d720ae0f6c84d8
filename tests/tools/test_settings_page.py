"""The page of the settings says what the settings are."""

from __future__ import annotations

import runpy
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_the_page_of_the_settings_is_written_from_the_settings() -> None:
    page = runpy.run_path(str(ROOT / "tools" / "settings_page.py"))["page"]
    assert (ROOT / "docs" / "settings.md").read_text(encoding="utf-8") == page(), (
        "run: .venv/bin/python tools/settings_page.py"
    )


def test_every_setting_has_a_meaning() -> None:
    from bot.settings import Settings

    assert [name for name, field in Settings.model_fields.items() if not field.description] == []
