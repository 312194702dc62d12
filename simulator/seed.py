"""Generate a history and write it into an empty shop, in one transaction."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from simulator.empty_shop import empty_shop
from simulator.history.generate import generate_history
from simulator.history.tables import all_tables
from simulator.plan import Plan

Progress = Callable[[str, int], None]
"""Called with a table's name and the number of rows just written to it."""


@dataclass(frozen=True)
class SeedReport:
    """What was written."""

    size: str
    seed: int
    first_day: str
    until: str
    rows: dict[str, int]
    seconds: float

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)

    def summary(self) -> str:
        """One line for people."""
        rows = sum(self.rows.values())
        days = f"{self.first_day} up to {self.until}"
        return f"{self.size}, seed {self.seed}, {days}: {rows:,} rows in {self.seconds} s"


def seed(
    owner_url: str, plan: Plan, workers: int = 1, on_progress: Progress = lambda table, rows: None
) -> SeedReport:
    """Generate and write a plan's history; LoadError if the shop has no schema or is not empty."""
    started = time.monotonic()
    rows: dict[str, int] = {}
    with empty_shop(owner_url) as shop:
        for name, table in all_tables(generate_history(plan), workers):
            shop.append(name, table)
            rows[name] = rows.get(name, 0) + table.num_rows
            on_progress(name, table.num_rows)
    seconds = round(time.monotonic() - started, 2)
    return SeedReport(
        plan.size_name, plan.seed, plan.first_day.isoformat(), plan.until.isoformat(), rows, seconds
    )


def expected_rows(plan: Plan) -> int:
    """Approximate number of rows of a plan, for a progress bar."""
    return round(plan.size.events * 1.05 + plan.size.orders * 17 + plan.size.products * 20 + plan.days * 12)
