"""The near-real-time marts for tests: written to through bronze, brought up to date, and read."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from clickhouse_connect.driver.client import Client

from tests.fixtures.dbt import DbtWarehouse
from tests.integration.dbt.changes import Change, write

REPLACED = ("fx_rates_by_day", "product_categories", "left_out_accounts")
"""What each refresh makes anew; other refreshed views append."""


class Marts:
    """The layer `rt` of one warehouse."""

    def __init__(self, warehouse: DbtWarehouse) -> None:
        self.warehouse = warehouse
        self.client: Client = warehouse.client()

    def empty(self) -> None:
        """Forget everything that was captured."""
        for table in self._names("database = 'bronze'"):
            self.client.command(f"truncate table bronze.{table}")
        for table in self._names("database = 'rt' and match(name, '__[0-9]+$') and engine != 'Null'"):
            self.client.command(f"truncate table rt.{table}")

    def arrive(self, changes: Iterable[tuple[str, Change]]) -> None:
        """Let changes arrive in bronze, in this order; neighbours of one table in one insert."""
        batch: list[Change] = []
        before = ""
        for table, change in changes:
            if table != before and batch:
                self._write(before, batch)
                batch = []
            before = table
            batch.append(change)
        if batch:
            self._write(before, batch)

    def refresh_on_request(self) -> None:
        """No more every few seconds: what a test has not refreshed yet stays as it is."""
        for view in self._refreshed():
            append = "" if view.startswith(REPLACED) else " append"
            self.client.command(f"alter table rt.{view} modify refresh every 1 year{append}")

    def refresh(self) -> None:
        """Bring up to date what is made from other states every few seconds."""
        for view in self._refreshed():
            self.client.command(f"system refresh view rt.{view}")
            self.client.command(f"system wait view rt.{view}")

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """The answer to a query, in its order."""
        return [tuple(row) for row in self.client.query(query).result_rows]

    def _refreshed(self) -> list[str]:
        return self._names("database = 'rt' and create_table_query like '%MATERIALIZED VIEW%REFRESH EVERY%'")

    def _write(self, table: str, batch: list[Change]) -> None:
        write(self.client, f"bronze.{table}", batch, arrived_at=datetime.now(UTC).replace(tzinfo=None))

    def _names(self, condition: str) -> list[str]:
        query = f"select name from system.tables where {condition} order by name"
        return [str(row[0]) for row in self.client.query(query).result_rows]
