"""The logs in the warehouse: created as tables are captured, and registered with the table that owns each."""

from __future__ import annotations

from collections.abc import Iterable

from connectors.bronze.routing import PLATFORM_LOGS, Router
from connectors.bronze.warehouse_http import WarehouseHttp
from tradewind.source.naming import TableName
from tradewind.warehouse import bronze, captured_tables
from tradewind.warehouse.captured_tables import CapturedTable


class Logs:
    """The logs of the captured tables; not to be shared between threads."""

    def __init__(self, warehouse: WarehouseHttp) -> None:
        self._warehouse = warehouse
        self.router = Router()

    def prepare(self, tables: Iterable[TableName]) -> None:
        """Create the databases and the logs of these tables, so that empty ones can be queried too."""
        self.create_platform_tables()
        owners = captured_tables.owners(self.registered()).values()
        self.router.assign(tables, owners)
        self._create(owners)
        self.create_new()
        for name in self._warehouse.run(bronze.tables_without_place()).decode().split():
            self._warehouse.run(bronze.add_place(name))
        for name in self._warehouse.run(bronze.tables_without_merge_settings()).decode().split():
            self._warehouse.run(bronze.set_merge_settings(name))

    def create_platform_tables(self) -> None:
        """Create the databases, the register, and the logs of the capture's own tables."""
        for database in (bronze.DATABASE, bronze.PLATFORM_DATABASE):
            self._warehouse.run(f"create database if not exists {database}")
        self._warehouse.run(captured_tables.CREATE)
        for log in PLATFORM_LOGS.values():
            self._warehouse.run(bronze.create_table(log))

    def create_new(self) -> None:
        """Create the logs of tables that the router has seen for the first time."""
        self._create(self.router.take_new())

    def registered(self) -> dict[TableName, CapturedTable]:
        """The register as it is in the warehouse."""
        return captured_tables.parse(self._warehouse.run(captured_tables.QUERY))

    def register(self, tables: Iterable[CapturedTable]) -> None:
        """Write rows of the register; the last one of a table counts."""
        if rows := captured_tables.rows(tables):
            self._warehouse.run(captured_tables.INSERT, rows)

    def with_rows(self) -> set[str]:
        """The names of the logs that have rows."""
        return set(self._warehouse.run(bronze.logs_with_rows()).decode().split())

    def _create(self, tables: Iterable[TableName]) -> None:
        for table in tables:
            self._warehouse.run(bronze.create_table(table.log_name))
