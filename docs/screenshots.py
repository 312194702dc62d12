"""Take the README's pictures from the running stack, with headless Chromium.

Belongs here: which pages are shown and when they count as drawn. Doesn't: starting the stack (`tradewind up`
and a build come first).

    make screenshots
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import http.server
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

from playwright.sync_api import Page, sync_playwright

from tradewind.settings import PROJECT_ROOT, load_settings

PICTURES = PROJECT_ROOT / "docs" / "pictures"
SIZE = {"width": 1600, "height": 1000}
FLAGS = [
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


def browser_path() -> str:
    """The system's Chromium; raises where there is none."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return path
    raise SystemExit("no Chromium found: install the package chromium")


@contextlib.contextmanager
def open_page() -> Iterator[Page]:
    """A blank page in a fresh headless browser; the sandbox is off because containers often run as root."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path(), args=[*FLAGS, "--no-sandbox"])
        try:
            yield browser.new_page(viewport=SIZE, device_scale_factor=1)
        finally:
            browser.close()


@contextlib.contextmanager
def dbt_docs_site() -> Iterator[str]:
    """Generate the dbt docs as one static folder and serve it on a free port; yields its address."""
    settings = load_settings()
    target = Path(settings.exports()["DBT_TARGET_PATH"])
    command = ["dbt", "docs", "generate", "--static", "--quiet", "--project-dir", str(PROJECT_ROOT)]
    subprocess.run(
        [*command, "--profiles-dir", str(PROJECT_ROOT)], check=True, env=_environment(settings.exports())
    )
    handler = functools.partial(_QuietHandler, directory=str(target))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/static_index.html"
        server.shutdown()


class _QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Say nothing per request."""


def _environment(exports: dict[str, str]) -> dict[str, str]:
    import os

    return {**os.environ, **exports, "PATH": f"{PROJECT_ROOT / '.venv' / 'bin'}:{os.environ['PATH']}"}


def dagster_asset_graph(page: Page, address: str) -> None:
    """The global asset graph, from bronze to the marts, with all groups open."""
    page.goto(f"{address}/asset-groups", wait_until="networkidle")
    page.evaluate("() => window.localStorage.setItem('dagster.asset-graph-open-nodes', '[]')")
    page.wait_for_selector("text=ads", timeout=60_000)
    page.wait_for_timeout(3_000)
    page.screenshot(path=PICTURES / "dagster-asset-graph.png")


def dbt_model_page(page: Page, address: str) -> None:
    """The documentation of one mart."""
    page.goto(f"{address}#!/model/model.tradewind.ads_daily_gmv", wait_until="networkidle")
    page.wait_for_selector("text=ads_daily_gmv", timeout=60_000)
    page.screenshot(path=PICTURES / "dbt-docs.png")


def main() -> None:
    """Write every picture to docs/pictures."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    PICTURES.mkdir(parents=True, exist_ok=True)
    dagster = load_settings().dagster_url
    urlopen(f"{dagster}/server_info", timeout=10).close()  # noqa: S310 - our own address
    with open_page() as page:
        dagster_asset_graph(page, dagster)
        with dbt_docs_site() as docs:
            dbt_model_page(page, docs)


if __name__ == "__main__":
    main()
