"""The dbt docs site: generated from the running warehouse, served on this machine, nothing from the internet.

Belongs here: generating the three files and serving them. Doesn't: descriptions (`dbt_project/`).
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tradewind.settings import PROJECT_ROOT, Settings, home_folder

FILES = ("index.html", "manifest.json", "catalog.json")
CONTENT_POLICY = "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:"
"""The page may load nothing from anywhere else."""


class DocsError(RuntimeError):
    """The docs cannot be generated; the message says why."""


def generate(settings: Settings) -> Path:
    """Write the site and return its folder."""
    folder = home_folder() / "dbt" / "docs"
    environment = os.environ | settings.exports() | {"DBT_TARGET_PATH": str(folder)}
    command = [sys.executable, "-m", "dbt.cli.main", "--quiet", "docs", "generate"]
    done = subprocess.run(
        command, env=environment, cwd=PROJECT_ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise DocsError(f"dbt docs generate failed: {(done.stdout + done.stderr).strip()}")
    return folder


def serve(folder: Path, port: int, ready: Callable[[str], object]) -> None:
    """Serve the site on the loopback interface until interrupted; `ready` is told the address."""
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
        """Add the content policy to every answer."""
        self.send_header("Content-Security-Policy", CONTENT_POLICY)
        super().end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the command's output is the address."""
