"""The dashboard's built files, served beside the API."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import FileResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException
from starlette.staticfiles import StaticFiles

ASSETS = "assets"
SECURITY = {
    "Content-Security-Policy": (
        "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        "connect-src 'self' ws: wss:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
FOR_EVER = "public, max-age=31536000, immutable"


class Assets(StaticFiles):
    """Files whose names change with their content."""

    def file_response(self, *args: object, **options: object) -> Response:
        """The file, to be kept for ever."""
        response = super().file_response(*args, **options)  # type: ignore[arg-type]
        response.headers["Cache-Control"] = FOR_EVER
        return response


def add_dashboard(app: FastAPI, folder: Path) -> None:
    """Serve the folder at the root, and its page for every other address; without it, the API's reference."""
    page = folder / "index.html"
    if not page.is_file():

        @app.get("/", include_in_schema=False)
        async def to_reference() -> Response:
            return RedirectResponse("/api/docs")

        return
    if (folder / ASSETS).is_dir():
        app.mount(f"/{ASSETS}", Assets(directory=folder / ASSETS), name=ASSETS)
    files = {file.name: file for file in folder.iterdir() if file.is_file()}

    @app.get("/{path:path}", include_in_schema=False)
    async def dashboard(path: str) -> Response:
        if path.startswith(("api/", "ws/")):
            raise HTTPException(404)
        return FileResponse(files.get(path, page), headers={**SECURITY, "Cache-Control": "no-cache"})
