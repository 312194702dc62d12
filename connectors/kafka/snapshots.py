"""Snapshots that began: what the change logs held before is void (`BronzeWriter.write_snapshot_start`)."""

from __future__ import annotations

import json
from collections.abc import Iterable

from connectors.bronze.warehouse_http import WarehouseHttp
from connectors.bronze.writer import BronzeWriter
from connectors.kafka.routing import SNAPSHOTS
from tradewind.source.naming import TableName

_BEGUN = f"select first_read, toString(begun_at) as begun_at from {SNAPSHOTS} format JSONEachRow"  # noqa: S608


def waiting(warehouse: WarehouseHttp) -> int:
    """How many snapshots have begun whose truncates are not in the change logs yet."""
    return int(warehouse.run(f"select count() from {SNAPSHOTS}"))  # noqa: S608 - our own name


def void_what_was_before(warehouse: WarehouseHttp, tables: Iterable[TableName]) -> None:
    """Write the truncates of every snapshot that was noted, and forget it.

    `tables` are those that may have rows in their change logs. Repeating it after a crash writes the same
    truncates at the same place again, which changes nothing.
    """
    writer = BronzeWriter(warehouse)
    writer.logs.router.assign((), owners=tables)
    for item in [json.loads(line) for line in warehouse.run(_BEGUN).splitlines()]:
        writer.write_snapshot_start(item["first_read"].encode())
        warehouse.run(f"delete from {SNAPSHOTS} where begun_at = '{item['begun_at']}'")  # noqa: S608
