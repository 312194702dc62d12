"""The dbt docs site: generated from the running warehouse, served locally, without the internet."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from application import dbt
from tradewind.settings import Settings, home_folder

FILES = ("index.html", "manifest.json", "catalog.json")
CONTENT_POLICY = "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:"
"""The page may load nothing from anywhere else."""


def generate(settings: Settings) -> Path:
    """Write the site and return its folder; DbtError if dbt cannot."""
    folder = home_folder() / "dbt" / "docs"
    dbt.run(["docs", "generate"], settings.exports() | {"DBT_TARGET_PATH": str(folder)})
    return folder


def serve(folder: Path, port: int, ready: Callable[[str], object]) -> None:
    """Serve the site on the loopback interface until interrupted; `ready` is called with the address."""
    with ThreadingHTTPServer(("127.0.0.1", port), partial(_Handler, directory=str(folder))) as server:
        ready(f"http://127.0.0.1:{server.server_port}/")
        server.serve_forever()


class _Handler(SimpleHTTPRequestHandler):
    """Only the site's files, with the content policy."""

    def do_GET(self) -> None:
        name = self.path.partition("?")[0].lstrip("/") or FILES[0]
        if name not in FILES:
            self.send_error(404)
            return
        self.path = f"/{name}"
        super().do_GET()

    def end_headers(self) -> None:
        """Add the content policy to every response."""
        self.send_header("Content-Security-Policy", CONTENT_POLICY)
        super().end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Log nothing: the command's output is the address."""
