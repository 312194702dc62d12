"""The register of captured tables (`ops.captured_tables`) as the landing keeps it."""

from __future__ import annotations

from connectors.bronze.logs import Logs
from connectors.bronze.warehouse_http import WarehouseHttp
from connectors.definitions.plan import plan
from connectors.kafka.source_tables import SourceTables
from tradewind.source.naming import TableName
from tradewind.warehouse.captured_tables import CapturedTable, owners


class Register:
    """The register in one warehouse."""

    def __init__(self, warehouse: WarehouseHttp) -> None:
        self._logs = Logs(warehouse)

    def owners(self) -> dict[str, TableName]:
        """The tables that have logs, by their collision keys."""
        self._logs.create_platform_tables()
        return owners(self._logs.registered())

    def update(self, source: SourceTables) -> dict[str, str]:
        """Register tables that bronze has whole; table -> why it lacks rows of the others."""
        registered = self._logs.registered()
        if not source.structures:
            rows = _without_structures(source)
            self._logs.register(row for row in rows if registered.get(row.table) != row)
            return {}
        made = plan(source.structures, source.columns, registered, self._logs.with_rows())
        self._logs.register(made.register)
        return {str(reread.table): reread.reason for reread in made.rereads}

    def complete(self, source: SourceTables) -> None:
        """Register all tables, of which a snapshot has every row."""
        made = plan(source.structures, source.columns, {}, ())
        self._logs.register(made.all_registrations)


def _without_structures(source: SourceTables) -> list[CapturedTable]:
    return [
        CapturedTable(table, table.log_name, captured_columns=columns)
        for table, columns in source.columns.items()
    ]
