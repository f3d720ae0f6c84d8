"""Static files whose address changes with their content, so that browsers may keep them for ever."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

FOLDER = Path(__file__).with_name("static")
FOR_EVER = "public, max-age=31536000, immutable"


class Assets:
    """Addresses of the files under `bot/static`; `fixed`: they do not change while the app runs."""

    def __init__(self, folder: Path = FOLDER, *, fixed: bool = True) -> None:
        self.folder = folder
        self._fixed = fixed
        self._known: dict[str, str] = {}

    def url(self, name: str) -> str:
        """Return the address of a file; raises FileNotFoundError."""
        found = self._known.get(name)
        if found is None:
            digest = hashlib.sha256((self.folder / name).read_bytes()).hexdigest()[:10]
            found = f"/static/{name}?v={digest}"
            if self._fixed:
                self._known[name] = found
        return found


class VersionedFiles(StaticFiles):
    """Static files; one asked for with its version may be kept for ever, others are asked for again."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Return the file with the cache header that fits the address."""
        response = await super().get_response(path, scope)
        versioned = b"v=" in scope.get("query_string", b"")
        response.headers["Cache-Control"] = FOR_EVER if versioned else "no-cache"
        return response


def mount(folder: Path) -> Any:
    """Return the app that serves the static files; one that serves nothing if the folder is missing."""
    return VersionedFiles(directory=folder, check_dir=False)
