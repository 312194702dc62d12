"""What a person sees in a browser, and that no page asks anything of the internet."""

from __future__ import annotations

from urllib.parse import urlsplit

from playwright.sync_api import Page

from tests.fixtures.stack import Stack

PATIENCE_MS = 300_000


def addresses_asked(page: Page) -> set[str | None]:
    """The hosts that this page asks from now on; the set grows as it does."""
    hosts: set[str | None] = set()

    def note(address: str) -> None:
        if urlsplit(address).scheme not in ("data", "blob"):
            hosts.add(urlsplit(address).hostname)

    page.on("request", lambda request: note(request.url))
    return hosts


def test_the_dagster_ui_shows_every_layer_and_asks_no_other_machine(stack: Stack, page: Page) -> None:
    hosts = addresses_asked(page)
    page.goto(f"{stack.urls['DAGSTER_URL']}/asset-groups", timeout=PATIENCE_MS)
    for group in ("bronze", "ods", "cdm", "ads", "rt"):
        page.locator(f'foreignObject [data-tooltip="{group}"]').first.wait_for(timeout=PATIENCE_MS)
    assert hosts == {"127.0.0.1"}


def test_the_docs_site_shows_a_mart_and_asks_no_other_machine(docs_site: str, page: Page) -> None:
    hosts = addresses_asked(page)
    page.goto(f"{docs_site}#!/model/model.tradewind.ads_daily_gmv", timeout=PATIENCE_MS)
    page.get_by_text("Gross merchandise").first.wait_for(timeout=PATIENCE_MS)
    assert hosts == {"127.0.0.1"}
