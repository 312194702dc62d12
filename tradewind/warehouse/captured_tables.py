"""The register of captured tables, `ops.captured_tables`: their logs, and the structure that bronze has."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tradewind.source.naming import TableName
from tradewind.warehouse.bronze import PLATFORM_DATABASE

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

NAME = f"{PLATFORM_DATABASE}.captured_tables"

CREATE = f"""\
create table if not exists {NAME} (
    source_schema String comment 'Schema of the source table',
    source_table String comment 'Name of the source table',
    log_name String comment 'Name of its log in bronze; empty if it has none',
    structure String comment 'The structure of the table of which bronze has every row, as JSON',
    captured_columns Array(String) comment 'The columns that its events have',
    noted_at DateTime64(6, 'UTC') default now64(6, 'UTC') comment 'When this row was written'
) engine = ReplacingMergeTree(noted_at) order by (source_schema, source_table)
comment 'The captured tables of the source, with their logs in bronze'
"""
_COLUMNS = ("source_schema", "source_table", "log_name", "structure", "captured_columns")
QUERY = f"select {', '.join(_COLUMNS)} from {NAME} final format JSONEachRow"  # noqa: S608 - our own names
INSERT = f"insert into {NAME} ({', '.join(_COLUMNS)}) format JSONEachRow"


@dataclass(frozen=True)
class CapturedTable:
    """One row of the register."""

    table: TableName
    log_name: str
    structure: str = ""
    captured_columns: tuple[str, ...] = ()


def read(client: Client) -> dict[TableName, CapturedTable]:
    """The register as it is; empty where nothing has been captured yet."""
    if not int(str(client.command(f"exists table {NAME}"))):
        return {}
    return parse(client.raw_query(QUERY))


def parse(answer: bytes) -> dict[TableName, CapturedTable]:
    """The register in the answer to QUERY."""
    found = {}
    for line in answer.splitlines():
        row = json.loads(line)
        table = TableName(row["source_schema"], row["source_table"])
        columns = tuple(row["captured_columns"])
        found[table] = CapturedTable(table, row["log_name"], row["structure"], columns)
    return found


def rows(tables: Iterable[CapturedTable]) -> bytes:
    """The rows of an INSERT."""
    return b"".join(
        json.dumps(
            {
                "source_schema": each.table.schema,
                "source_table": each.table.table,
                "log_name": each.log_name,
                "structure": each.structure,
                "captured_columns": each.captured_columns,
            }
        ).encode()
        + b"\n"
        for each in tables
    )


def owners(register: Mapping[TableName, CapturedTable]) -> dict[str, TableName]:
    """The tables that have logs, by their collision keys."""
    return {table.collision_key: table for table, row in register.items() if row.log_name}
