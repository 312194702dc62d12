"""A change log made by hand: Debezium envelopes as in bronze, at positions of the caller's choice."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from clickhouse_connect.driver.client import Client

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Change:
    """One event of a PostgreSQL log: `lsn` orders it, `op` as Debezium has it."""

    op: str
    lsn: int
    key: Row | None = None
    before: Row | None = None
    after: Row | None = None
    is_snapshot: bool = False

    def payload(self) -> str:
        """The envelope. A change's own position is its transaction's; a snapshot's that of its start."""
        source = {
            "lsn": self.lsn,
            "sequence": json.dumps([str(self.lsn), str(self.lsn)]),
            "snapshot": "true" if self.is_snapshot else "false",
            "ts_ms": 1_700_000_000_000,
        }
        return json.dumps({"op": self.op, "before": self.before, "after": self.after, "source": source})


def write(client: Client, table: str, changes: Iterable[Change], arrived_at: datetime) -> None:
    """Insert events as having arrived at that time, in their order."""
    lines = [
        {
            "_topic": "ecomm.cdc.test",
            "_partition": 0,
            "_offset": offset,
            "_timestamp": arrived_at.strftime("%Y-%m-%d %H:%M:%S.%f")[:-3],
            "_ingested_at": arrived_at.strftime("%Y-%m-%d %H:%M:%S.%f")[:-3],
            "_key": None if change.key is None else json.dumps(change.key),
            "payload": change.payload(),
        }
        for offset, change in enumerate(changes)
    ]
    if lines:
        body = "\n".join(json.dumps(line) for line in lines)
        columns = "_topic, _partition, _offset, _timestamp, _ingested_at, _key, payload"
        client.raw_insert(table, insert_block=body, fmt="JSONEachRow", column_names=columns.split(", "))
