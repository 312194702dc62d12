"""Take the README's pictures from the running stack, with headless Chromium.

make screenshots
"""

from __future__ import annotations

import argparse
import contextlib
import queue
import shutil
import threading
from collections.abc import Iterator
from urllib.error import URLError
from urllib.request import urlopen

from playwright.sync_api import Page, sync_playwright

from application import docs_site
from application.cli.stack import login_link
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
    """The project's own docs site on a free port, as `tradewind docs` serves it; yields its address."""
    addresses: queue.Queue[str] = queue.Queue()
    folder = docs_site.generate(load_settings())
    threading.Thread(target=docs_site.serve, args=(folder, 0, addresses.put), daemon=True).start()
    yield addresses.get(timeout=30)


def dagster_asset_graph(page: Page, address: str) -> None:
    """The global asset graph: the change log and the state as groups, the facts and marts opened."""
    page.goto(f"{address}/asset-groups", wait_until="networkidle")
    for group in ("cdm", "ads"):
        page.locator(f'foreignObject [data-tooltip="{group}"]').first.click(timeout=60_000)
        page.wait_for_timeout(2_000)
        page.reload(wait_until="networkidle")  # the page remembers what is open, and fits it into the window
    drawn = "() => !/fetching statuses|Loading/.test(document.body.textContent)"
    page.wait_for_function(drawn, timeout=60_000)
    page.wait_for_timeout(2_000)
    page.screenshot(path=PICTURES / "dagster-asset-graph.png")


def dbt_model_page(page: Page, address: str) -> None:
    """The documentation of one mart."""
    page.goto(f"{address}#!/model/model.tradewind.ads_daily_gmv", wait_until="networkidle")
    page.wait_for_selector("text=ads_daily_gmv", timeout=60_000)
    page.screenshot(path=PICTURES / "dbt-docs.png")


def dashboard(page: Page) -> None:
    """The dashboard's first section."""
    page.set_viewport_size({"width": 1440, "height": 960})
    page.goto(login_link())
    page.wait_for_selector("section")
    page.wait_for_function("() => !document.querySelector('[role=status][aria-label]')", timeout=60_000)
    page.wait_for_timeout(2_000)  # the charts' file comes after the page
    page.screenshot(path=PICTURES / "dashboard.png")


def main() -> None:
    """Write every picture to docs/pictures."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    PICTURES.mkdir(parents=True, exist_ok=True)
    dagster = load_settings().dagster_url
    try:
        urlopen(f"{dagster}/server_info", timeout=10).close()  # noqa: S310 - our own address
    except URLError as error:
        raise SystemExit(f"{dagster} does not answer; `make demo KEEP=1` starts and fills a stack") from error
    with open_page() as page:
        dashboard(page)
    with open_page() as page:
        dagster_asset_graph(page, dagster)
        with dbt_docs_site() as docs:
            dbt_model_page(page, docs)


if __name__ == "__main__":
    main()
