"""Queries to the warehouse as the BI user, from one event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError

from tradewind.serving.api.problems import Problem
from tradewind.warehouse.client import WarehouseUnreachable, connect

THREADS = 4
"""Queries that run at once; the others wait."""
SECONDS = 20


class Warehouse:
    """The marts behind one address."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._client: Client | None = None
        self._threads = ThreadPoolExecutor(THREADS, "warehouse")

    async def query(self, sql: str, parameters: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        """The rows by column name; Problem 503 if the warehouse does not answer."""
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(SECONDS):
                return await loop.run_in_executor(self._threads, self._run, sql, dict(parameters or {}))
        except (WarehouseUnreachable, ClickHouseError, OSError, TimeoutError) as error:
            self._client = None
            raise Problem(
                HTTPStatus.SERVICE_UNAVAILABLE,
                "the warehouse does not answer; `tradewind status` shows why",
                {"Retry-After": "5"},
            ) from error

    def close(self) -> None:
        """Let running queries end, and close the connection."""
        self._threads.shutdown()
        if self._client is not None:
            self._client.close()

    def _run(self, sql: str, parameters: dict[str, Any]) -> list[dict[str, Any]]:
        client = self._client or connect(self._url)
        self._client = client
        answer = client.query(sql, parameters=parameters)
        names = answer.column_names
        return [dict(zip(names, map(_with_zone, row), strict=True)) for row in answer.result_rows]


def _with_zone(value: Any) -> Any:
    return value.replace(tzinfo=UTC) if isinstance(value, datetime) and value.tzinfo is None else value
