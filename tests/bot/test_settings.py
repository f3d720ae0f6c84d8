"""Every setting has one typed home; production refuses a weak secret; secrets print as stars."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from pydantic import ValidationError

from bot.settings import Settings, sentences, settings_or_exit

GOOD = "yT3k9-QwLmZp4Xv7Rb2Nc8Hd5Gf1Js6A"


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import os

    for name in list(os.environ):
        if name.startswith("LOTSE_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("LOTSE_STATE", str(tmp_path / "state"))


def test_everything_follows_from_the_ports_and_the_state_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("LOTSE_RASA_PORT", "6005")
    settings = Settings()
    assert settings.rasa_url == "http://127.0.0.1:6005"
    assert settings.actions_url == "http://127.0.0.1:5055"
    assert settings.database_url == f"sqlite:///{tmp_path / 'state' / 'lotse.db'}"


def test_reading_settings_writes_nothing(tmp_path: Path) -> None:
    Settings()
    assert not (tmp_path / "state").exists()


def test_an_empty_variable_means_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PORT", "TELEGRAM_TOKEN", "SECRET_KEY", "RASA_URL"):
        monkeypatch.setenv(f"LOTSE_{name}", "")
    settings = Settings()
    assert (settings.port, settings.telegram_token, settings.secret_key) == (8000, None, None)


def test_secrets_print_as_stars(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOTSE_TELEGRAM_TOKEN", "123:token")
    settings = Settings(secret_key=GOOD)
    assert GOOD not in repr(settings) and "123:token" not in f"{settings}{settings.model_dump()}"
    assert settings.signing_key.get_secret_value() == GOOD


@pytest.mark.parametrize(
    "key",
    [None, "", "short", "changeme-changeme-changeme-changeme", "a" * 40, "lotse-secret-key-lotse-secret-key"],
)
def test_production_does_not_start_with_a_weak_secret(key: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOTSE_MODE", "Production")
    if key is not None:
        monkeypatch.setenv("LOTSE_SECRET_KEY", key)
    with pytest.raises(ValidationError) as problem:
        Settings()
    (words,) = sentences(problem.value)
    assert "LOTSE_SECRET_KEY" in words and "python -c" in words


def test_production_starts_with_a_good_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOTSE_MODE", "production")
    monkeypatch.setenv("LOTSE_SECRET_KEY", GOOD)
    assert Settings().production


def test_development_makes_its_own_key_once_for_its_owner_only(tmp_path: Path) -> None:
    first, second = Settings(), Settings()
    key = first.signing_key.get_secret_value()
    assert key == second.signing_key.get_secret_value() and len(key) > 40
    assert stat.S_IMODE((tmp_path / "state" / "secret.key").stat().st_mode) == 0o600


def test_a_wrong_setting_is_named_and_its_value_is_not_printed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LOTSE_PORT", "eighty")
    monkeypatch.setenv("LOTSE_SECRET_KEY", "hush")
    monkeypatch.setenv("LOTSE_MODE", "staging")
    with pytest.raises(SystemExit) as stop:
        settings_or_exit()
    printed = capsys.readouterr().err
    assert stop.value.code == 2
    assert "LOTSE_PORT" in printed and "LOTSE_MODE" in printed and "hush" not in printed
    assert "Traceback" not in printed
