"""Reading marts while what they look up is refreshed.

A refresh exchanges the table in memory that `joinGet` asks. A query that was planned before and runs after
gets the engine's error 741; asked again, it reads the new table.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from clickhouse_connect.driver.exceptions import DatabaseError

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client
    from clickhouse_connect.driver.query import QueryResult

EXCHANGED = "TABLE_UUID_MISMATCH"
ATTEMPTS = 5


def ask(client: Client, query: str, parameters: Mapping[str, Any] | None = None) -> QueryResult:
    """The answer to a query over marts; raises clickhouse-connect's errors."""
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return client.query(query, parameters=dict(parameters or {}))
        except DatabaseError as error:
            if EXCHANGED not in str(error) or attempt == ATTEMPTS:
                raise
    raise AssertionError("the last attempt returns or raises")
