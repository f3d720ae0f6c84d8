"""Every setting of an installation, each in its one typed home (environment prefix `LOTSE_`)."""

from __future__ import annotations

import os
import secrets
import sys
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from office.store import default_url

ROOT = Path(__file__).resolve().parent.parent
SECRET_MIN = 32  # characters; what `secrets.token_urlsafe(24)` gives
# what stands in examples and tutorials is no secret
WORTHLESS = ("change", "secret", "default", "example", "password", "lotse", "12345", "development")


class Settings(BaseSettings):
    """What an operator may set. Reading it opens no file; `signing_key` may create one in development."""

    model_config = SettingsConfigDict(env_prefix="LOTSE_", extra="ignore", frozen=True)

    mode: Literal["development", "production"] = Field(
        "development", description="production refuses a weak secret and the time machine ('now')"
    )
    state: Path = Field(ROOT / "var", description="the one folder that holds everything an installation keeps")
    host: str = Field("127.0.0.1", description="address the web app listens on")
    port: int = Field(8000, ge=1, le=65535, description="port of the web app, the only public one")
    rasa_port: int = Field(5005, ge=1, le=65535, description="port of Rasa, on this machine only")
    actions_port: int = Field(5055, ge=1, le=65535, description="port of the action server, on this machine only")
    rasa_url: str = Field("", description="where Rasa answers; empty: this machine, rasa_port")
    actions_url: str = Field("", description="where the action server answers; empty: this machine, actions_port")
    database_url: str = Field("", description="SQLAlchemy address; empty: lotse.db in the state folder")
    public_url: str = Field("", description="address people see, without a slash at the end; empty: localhost")
    secret_key: SecretStr | None = Field(
        None, description="signs staff sessions; must be set in production, made once in development"
    )
    default_site: str = Field("mettmann", description="the site a conversation is about until the person says another")
    telegram_token: SecretStr | None = Field(None, description="token of the Telegram bot; empty: no Telegram")
    telegram_api_url: str = Field("https://api.telegram.org", description="Bot API server (an emulated one in tests)")
    rasa_timeout_s: float = Field(10.0, gt=0, description="seconds until a turn counts as failed")
    rate_conversation: int = Field(60, ge=0, description="messages a minute in one conversation; 0: no limit")
    rate_address: int = Field(
        300, ge=0, description="messages a minute from one address (this machine itself is free); 0: no limit"
    )
    keep_candidate_texts: bool = Field(
        False,
        description="keep the known words of a message whose meaning was chosen by button (candidates.jsonl), not only the choice",
    )
    frame_ancestors: str = Field("'self'", description="pages that may show the chat in a frame, as CSP writes them")
    trusted_proxies: str = Field("127.0.0.1", description="proxies whose X-Forwarded-For is believed (uvicorn)")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="how much the web app logs (never what people write)"
    )

    @field_validator("mode", "log_level", mode="before")
    @classmethod
    def _lower(cls, value: Any) -> Any:
        return value.strip().lower() if isinstance(value, str) else value

    @field_validator("secret_key", "telegram_token", mode="before")
    @classmethod
    def _empty_is_none(cls, value: Any) -> Any:
        return None if isinstance(value, str) and not value.strip() else value

    @field_validator("state", mode="after")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().absolute()

    @field_validator("rasa_url", "actions_url", "public_url", "telegram_api_url", mode="after")
    @classmethod
    def _no_slash(cls, value: str) -> str:
        return value.rstrip("/")

    @model_validator(mode="before")
    @classmethod
    def _drop_empty(cls, data: Any) -> Any:
        # `LOTSE_PORT= make run` means "not set", not "the empty port"
        return {key: value for key, value in data.items() if value != ""} if isinstance(data, dict) else data

    @model_validator(mode="after")
    def _derive(self) -> Settings:
        derived = {
            "rasa_url": f"http://127.0.0.1:{self.rasa_port}",
            "actions_url": f"http://127.0.0.1:{self.actions_port}",
            "public_url": f"http://localhost:{self.port}",
        }
        for name, value in derived.items():
            if not getattr(self, name):
                object.__setattr__(self, name, value)
        if not self.database_url:
            object.__setattr__(self, "database_url", default_url({"LOTSE_STATE": str(self.state)}))
        if self.production:
            self._refuse_weak_secret()
        return self

    def _refuse_weak_secret(self) -> None:
        key = self.secret_key.get_secret_value() if self.secret_key else ""
        advice = 'Make one: python -c "import secrets; print(secrets.token_urlsafe(32))"'
        if not key:
            raise ValueError(f"LOTSE_SECRET_KEY is missing; production does not start without it. {advice}")
        if len(key) < SECRET_MIN or len(set(key)) < 10 or any(word in key.lower() for word in WORTHLESS):
            raise ValueError(f"LOTSE_SECRET_KEY is too weak ({SECRET_MIN} random characters at least). {advice}")

    @property
    def production(self) -> bool:
        """True if real people use this installation."""
        return self.mode == "production"

    @cached_property
    def signing_key(self) -> SecretStr:
        """The key that signs sessions: the configured one, else the one this installation made for itself.

        Raises OSError if the state folder cannot be written.
        """
        if self.secret_key is not None:
            return self.secret_key
        return SecretStr(own_key(self.state / "secret.key"))


def own_key(path: Path) -> str:
    """Return the key kept in `path`; create it once, readable by its owner only."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii").strip()
    with os.fdopen(handle, "w", encoding="ascii") as file:
        key = secrets.token_urlsafe(48)
        file.write(key + "\n")
    return key


def sentences(problem: ValidationError) -> list[str]:
    """One sentence per wrong setting, naming the variable and never its value (it may be a secret)."""
    found = []
    for error in problem.errors(include_input=False, include_url=False):
        words = error["msg"].removeprefix("Value error, ")
        name = "_".join(str(part) for part in error["loc"]).upper()
        found.append(f"LOTSE_{name}: {words}." if name else words)
    return found


def settings_or_exit() -> Settings:
    """Return the settings of this process; if some are wrong, say which and exit with 2."""
    try:
        return Settings()
    except ValidationError as problem:
        for sentence in sentences(problem):
            sys.stderr.write(f"Sorry: {sentence}\n")
        raise SystemExit(2) from None
