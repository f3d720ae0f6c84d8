"""Run the web app: `python -m bot`."""

from __future__ import annotations

import uvicorn

from bot.app import create_app
from bot.logs import set_up
from bot.settings import settings_or_exit


def main() -> None:
    """Serve until stopped."""
    settings = settings_or_exit()
    set_up(settings.log_level)
    _ = settings.signing_key  # made now, not by two first requests at once
    uvicorn.run(
        create_app(settings),
        host=settings.host,
        port=settings.port,
        log_config=None,
        # addresses hold conversation tokens, so there is no access log
        access_log=False,
        server_header=False,
        forwarded_allow_ips=settings.trusted_proxies,
        timeout_graceful_shutdown=5,
    )


if __name__ == "__main__":
    main()
