"""What stands before every route: the size of requests, and headers that keep browsers careful."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_BODY = 64 * 1024


class TooLarge(Exception):
    """The body of a request went over MAX_BODY while it was read."""


class BodyLimit:
    """Refuses bodies over 64 KB: by their announced length at once, else as soon as they are longer.

    `larger` gives single addresses another limit (files that staff upload).
    """

    def __init__(
        self, app: ASGIApp, refuse: ASGIApp, limit: int = MAX_BODY, larger: Mapping[str, int] | None = None
    ) -> None:
        self.app = app
        self.refuse = refuse
        self.limit = limit
        self.larger = larger or {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on unless its body is too large."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        limit = self.larger.get(scope["path"], self.limit)
        length = dict(scope["headers"]).get(b"content-length", b"0")
        if not length.isdigit() or int(length) > limit:
            await self.refuse(scope, receive, send)
            return
        seen = 0
        started = False

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > limit:
                raise TooLarge
            return message

        async def watched(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self.app(scope, counted, watched)
        except TooLarge:
            if not started:
                await self.refuse(scope, receive, send)


class SafeHeaders:
    """Adds the security headers to every answer; nothing inline may run, nothing comes from elsewhere."""

    def __init__(self, app: ASGIApp, frame_ancestors: str, *, https: bool) -> None:
        self.app = app
        self._chat = self._headers(frame_ancestors, https)
        self._office = self._headers("'none'", https)

    @staticmethod
    def _headers(frame_ancestors: str, https: bool) -> dict[str, str]:
        policy = (
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
            f"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors {frame_ancestors}"
        )
        found = {
            "Content-Security-Policy": policy,
            "X-Content-Type-Options": "nosniff",
            # the address of a page may hold the token of a conversation
            "Referrer-Policy": "no-referrer",
            "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
            "Cross-Origin-Opener-Policy": "same-origin",
        }
        if https:
            found["Strict-Transport-Security"] = "max-age=31536000"
        return found

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and complete the headers of the answer."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        wanted = self._office if scope["path"].startswith("/console") else self._chat

        async def complete(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in wanted.items():
                    headers.setdefault(name, value)
                if scope["path"].startswith(("/api/", "/health")):
                    headers.setdefault("Cache-Control", "no-store")
            await send(message)

        await self.app(scope, receive, complete)
