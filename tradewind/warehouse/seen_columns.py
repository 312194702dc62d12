"""The columns in the newest event of each change log: the schema of the source as bronze saw it last."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tradewind.source.naming import DEFAULT_SCHEMA, TableName
from tradewind.source.shape import Shape
from tradewind.warehouse import captured_tables
from tradewind.warehouse.bronze import DATABASE, LogTable

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

_LOGS = f"select name from system.tables where database = '{DATABASE}' and total_rows > 0"  # noqa: S608
_NEWEST = """
    select
        JSONExtractKeys(ifNull(payload, ''), if(_op = 'd', 'before', 'after')) as columns,
        JSONExtractKeys(ifNull(_key, '')) as key
    from {log}
    where _op in ('c', 'r', 'u', 'd')
    order by _position desc
    limit 1
"""


def read_seen_columns(client: Client) -> dict[TableName, Shape]:
    """The key and the columns of each table with events, their types unknown."""
    tables = {row.log_name: table for table, row in captured_tables.read(client).items()}
    seen = {}
    for (name,) in client.query(_LOGS).result_rows:
        for columns, key in client.query(_NEWEST.format(log=LogTable(DATABASE, name))).result_rows:
            seen[tables.get(name) or _named(name)] = Shape(tuple(key), dict.fromkeys(columns, ""))
    return seen


def _named(log: str) -> TableName:
    """The table of a log that is in no register: plain names are known by them."""
    schema, _, table = log.rpartition(".")
    return TableName(schema or DEFAULT_SCHEMA, table)
