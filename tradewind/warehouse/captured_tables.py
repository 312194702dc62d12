"""The register of captured tables, `ops.captured_tables`: the source table of each log in bronze."""

from __future__ import annotations

import json

from tradewind.source.naming import TableName
from tradewind.warehouse.bronze import PLATFORM_DATABASE

NAME = f"{PLATFORM_DATABASE}.captured_tables"

CREATE = f"""\
create table if not exists {NAME} (
    source_schema String comment 'Schema of the source table',
    source_table String comment 'Name of the source table',
    log_name String comment 'Name of its log in bronze',
    noted_at DateTime64(3, 'UTC') default now64(3, 'UTC') comment 'When this row was written'
) engine = ReplacingMergeTree(noted_at) order by (source_schema, source_table)
comment 'The source table of each log in bronze'
"""
QUERY = f"select source_schema, source_table from {NAME} final format JSONEachRow"  # noqa: S608 - our own name
INSERT = f"insert into {NAME} (source_schema, source_table, log_name) format JSONEachRow"


def parse(answer: bytes) -> list[TableName]:
    """The tables in the answer to QUERY."""
    rows = (json.loads(line) for line in answer.splitlines())
    return sorted(TableName(row["source_schema"], row["source_table"]) for row in rows)


def row(table: TableName) -> bytes:
    """A table as a row of INSERT."""
    values = {"source_schema": table.schema, "source_table": table.table, "log_name": table.log_name}
    return json.dumps(values).encode() + b"\n"
