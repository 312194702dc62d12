"""The tables that the states of the near-real-time marts are in."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client


def tables(warehouse: Client) -> dict[str, str]:
    """State -> its table in `rt`; empty where the marts have never been made."""
    rows = warehouse.query("select state, table_name from ops.rt_states final").result_rows
    return {str(state): str(table) for state, table in rows}
