"""What the parts of the web app share: made once in bot/app.py, handed to every router."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import Request
from fastapi.templating import Jinja2Templates

from bot.assets import Assets
from bot.events import Events
from bot.gateway import Gateway
from bot.limits import Limit
from bot.replies import Replies
from bot.settings import Settings
from office.store import Store


@dataclass(frozen=True)
class Parts:
    """One installation, joined."""

    settings: Settings
    store: Store
    replies: Replies
    gateway: Gateway
    events: Events
    assets: Assets
    templates: Jinja2Templates
    per_conversation: Limit
    per_address: Limit

    def language_of(self, request: Request) -> str | None:
        """Return the offered language the browser likes best; None if it names none of ours."""
        return accepted(request.headers.get("accept-language", ""), self.replies.languages.offered)


def accepted(header: str, offered: tuple[str, ...]) -> str | None:
    """Return the best language of an Accept-Language header; None if none is offered."""
    ranked = []
    for position, item in enumerate(header.split(",")[:20]):
        name, _, rest = item.strip().partition(";")
        try:
            weight = float(rest.strip().removeprefix("q=")) if rest else 1.0
        except ValueError:
            weight = 0.0
        ranked.append((-weight, position, name.strip().lower()))
    for weight, _, name in sorted(ranked):
        code = {"kmr": "ku", "sdh": "ckb", "prs": "fa"}.get(name, name.split("-")[0])
        if weight < 0 and code in offered:
            return code
    return None
