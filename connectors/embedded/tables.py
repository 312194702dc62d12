"""The tables of the source while the capture runs: which are read, and what changes of them demand."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable

from connectors.bronze.logs import Logs
from connectors.bronze.warehouse_http import WarehouseHttp
from connectors.definitions.plan import Plan, plan
from connectors.definitions.selection import Selection, select
from connectors.embedded.source_check import Connection
from tradewind.source.catalog import one_moment
from tradewind.source.structure import NOTIFICATION, read_structures
from tradewind.warehouse.captured_tables import CapturedTable

log = logging.getLogger(__name__)

_LOOK_SECONDS = 10.0


class SourceTables:
    """What the capture knows of the source's tables; looks again when it is notified, and now and then."""

    def __init__(self, warehouse: WarehouseHttp) -> None:
        self._logs = Logs(warehouse)
        self.selection = Selection({}, {}, {}, {})
        self._looked_at = 0.0

    def look(self, connection: Connection) -> Plan:
        """Select what to capture, and plan what that demands."""
        self._looked_at = time.monotonic()
        with one_moment(connection):
            self.selection = select(connection)
            live = read_structures(connection)
        return plan(live, self.selection.columns, self._logs.registered(), self._logs.with_rows())

    def snapshot_rows(self, connection: Connection) -> list[CapturedTable]:
        """The register once a snapshot has read the tables as they are now."""
        live, columns = read_structures(connection), self.selection.columns
        return plan(live, columns, {}, ()).all_registrations

    def register(self, rows: Iterable[CapturedTable]) -> None:
        """Note tables in the warehouse."""
        self._logs.register(rows)

    def listen(self, connection: Connection) -> None:
        """Have the source notify this connection of changed tables."""
        connection.execute(f"listen {NOTIFICATION}".encode())

    def changed(self, connection: Connection) -> Plan | None:
        """What changed tables demand; None if it is not time to look. What demands nothing is registered."""
        is_notified = any(True for _ in connection.notifies(timeout=0))
        if not is_notified and time.monotonic() - self._looked_at < _LOOK_SECONDS:
            return None
        found = self.look(connection)
        self._logs.register(found.register)
        return found
