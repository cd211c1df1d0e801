"""The built front end: its files, and its one page for every other address."""

from __future__ import annotations

import asyncio
import mimetypes
from pathlib import Path

from fastapi import APIRouter, Depends
from fastapi.responses import FileResponse, PlainTextResponse, Response
from starlette.exceptions import HTTPException

from amaan.trust.guards import open_to_all

IMMUTABLE = "public, max-age=31536000, immutable"
_NOT_BUILT = (
    "The console is not built. Run: make setup\nThe API is described at /api/openapi.json\n"
)

mimetypes.add_type("text/javascript", ".js")
mimetypes.add_type("text/javascript", ".mjs")
mimetypes.add_type("application/wasm", ".wasm")
mimetypes.add_type("application/manifest+json", ".webmanifest")
mimetypes.add_type("font/woff2", ".woff2")


def router(static: Path) -> APIRouter:
    """Return the routes of everything that is not under /api; include them last."""
    routes = APIRouter(include_in_schema=False)
    root = static.resolve()

    def find(path: str) -> Path | None:
        if "\0" in path or "\\" in path:
            return None
        found = (root / path).resolve()
        return found if found.is_relative_to(root) and found.is_file() else None

    everybody = Depends(open_to_all("the console itself: it holds no data, and signs in"))

    @routes.api_route("/{path:path}", methods=["GET", "HEAD"], dependencies=[everybody])
    async def read_page(path: str) -> Response:
        """Return a file of the front end, or its page."""
        if path == "api" or path.startswith("api/"):
            raise HTTPException(404, "there is nothing at this address")
        file = await asyncio.to_thread(find, path)
        if file is not None and path:
            hashed = path.startswith("assets/")
            return FileResponse(
                file, headers={"Cache-Control": IMMUTABLE if hashed else "no-cache"}
            )
        if "." in path.rpartition("/")[2]:
            raise HTTPException(404, "there is no such file")
        page = await asyncio.to_thread(find, "index.html")
        if page is None:
            return PlainTextResponse(_NOT_BUILT, 503, headers={"Cache-Control": "no-store"})
        return FileResponse(page, headers={"Cache-Control": "no-cache"})

    return routes
