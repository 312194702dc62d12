"""The dashboard of a running stack, as a person uses it in a browser."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.fixtures.stack import Stack

PATIENCE_MS = 120_000
READ_TABLE = """panel => [...panel.querySelectorAll('tbody tr')].map(
    row => [...row.cells].map(cell => cell.querySelector('data')?.value ?? null))"""


@dataclass
class Dashboard:
    """The dashboard of a stack in one page."""

    page: Page
    stack: Stack
    url: str

    def open(self, tab: str, **search: str) -> None:
        query = "&".join(f"{name}={value}" for name, value in {"tab": tab, **search}.items())
        self.page.goto(f"{self.url}/?{query}", timeout=PATIENCE_MS)
        self.wait()

    def wait(self) -> None:
        """Until everything that was asked for has come."""
        self.page.locator("section").first.wait_for(timeout=PATIENCE_MS)
        expect(self.page.get_by_role("status", name="Loading")).to_have_count(0, timeout=PATIENCE_MS)
        expect(self.page.locator("[aria-busy=true]")).to_have_count(0, timeout=PATIENCE_MS)

    def panel(self, title: str) -> Locator:
        heading = self.page.get_by_role("heading", name=title, exact=True)
        return self.page.locator("section").filter(has=heading)

    def card(self, group: str, label: str) -> str:
        """The exact value of a card."""
        value = self.card_of(group, label).locator("data").get_attribute("value")
        assert value is not None
        return value

    def card_of(self, group: str, label: str) -> Locator:
        cards = self.page.get_by_role("region", name=group, exact=True)
        return cards.locator("[data-card]").filter(has=self.page.get_by_text(label, exact=True))

    def table(self, title: str) -> tuple[list[dict[str, str]], list[list[str | None]]]:
        """The rows of a panel as its CSV file has them, and the figures that its table shows."""
        panel = self.panel(title)
        export = panel.get_by_role("button", name=f"Export {title} as CSV")
        if not export.count():
            return [], []
        if panel.get_by_role("button", name="Table", exact=True).count():
            panel.get_by_role("button", name="Table", exact=True).click()
        shown: list[list[str | None]] = panel.evaluate(READ_TABLE)
        with self.page.expect_download() as download:
            export.click()
        text = Path(download.value.path()).read_text(encoding="utf-8-sig")
        return list(csv.DictReader(text.splitlines())), shown

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        client = self.stack.warehouse()
        try:
            return [tuple(row) for row in client.query(sql).result_rows]
        finally:
            client.close()


def equal(shown: str, value: Any) -> bool:
    """Whether a text of the CSV file is exactly this value of a mart."""
    if value is None:
        return shown == ""
    if isinstance(value, bool):
        return shown == str(value).lower()
    if isinstance(value, list):
        return shown == "; ".join(value)
    if isinstance(value, float):
        return float(shown) == value
    if isinstance(value, datetime):
        return datetime.fromisoformat(shown) == value.replace(tzinfo=UTC)
    return shown == (value.isoformat() if isinstance(value, date) else str(value))


def check(
    dashboard: Dashboard,
    title: str,
    relation: str,
    order: str,
    limit: int = 100_000,
    may_be_empty: bool = False,
) -> int:
    """The panel's rows are the mart's, in its file and on the screen; how many there are.

    `may_be_empty`: not every shop has such rows; then the panel has none either.
    """
    rows, shown = dashboard.table(title)
    if may_be_empty and not rows:
        assert dashboard.query(f"select count() from {relation}") == [(0,)], title
        return 0
    names = list(rows[0])
    sql = f"select {', '.join(names)} from {relation} order by {order} limit {limit}"
    expected = dashboard.query(sql)
    assert len(rows) == len(expected) == len(shown)
    for row, figures, values in zip(rows, shown, expected, strict=True):
        for name, figure, value in zip(names, figures, values, strict=True):
            assert equal(row[name], value), (title, name, row[name], value)
            assert figure is None or figure == row[name], (title, name, figure, row[name])
    assert any(figure is not None for figure in shown[0])
    return len(rows)
