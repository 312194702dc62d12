"""Queries to the warehouse as the BI user, from one event loop."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError

from tradewind.serving.api.problems import Problem
from tradewind.warehouse.client import WarehouseUnreachable, connect

log = logging.getLogger("api")

NOT_BUILT = (60, 81)
"""ClickHouse's codes for an unknown table and an unknown database."""
OVERLOADED = (159, 202, 241)
"""Its codes for too slow, too many queries at once, and too little memory."""
RETRY = {"Retry-After": "5"}
SETTINGS = {"max_threads": 1}
"""Answers are small: a query on all processors at once only holds up who answers from the cache."""
THREADS = 4
"""Queries that run at once; the others wait."""
SECONDS = 20


class Warehouse:
    """The marts behind one address."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._client: Client | None = None
        self._connecting = threading.Lock()
        self._threads = ThreadPoolExecutor(THREADS, "warehouse")

    async def query(
        self,
        sql: str,
        parameters: Mapping[str, Any] | None = None,
        absent: Mapping[str, str] | None = None,
    ) -> list[dict[str, Any]]:
        """The rows by column name; Problem 503 if the warehouse does not answer.

        `absent`: tables that need not be there -> what Problem 404 says if they are not.
        """
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(SECONDS):
                return await loop.run_in_executor(self._threads, self._run, sql, dict(parameters or {}))
        except (WarehouseUnreachable, ClickHouseError, OSError, TimeoutError) as error:
            raise _problem(error, absent or {}) from error

    def close(self) -> None:
        """Let running queries end, and close the connection."""
        self._threads.shutdown()
        if self._client is not None:
            self._client.close()

    def _run(self, sql: str, parameters: dict[str, Any]) -> list[dict[str, Any]]:
        with self._connecting:
            client = self._client = self._client or connect(self._url)
        answer = client.query(sql, parameters=parameters, settings=SETTINGS)
        names = answer.column_names
        return [dict(zip(names, map(_with_zone, row), strict=True)) for row in answer.result_rows]


def _problem(error: Exception, absent: Mapping[str, str]) -> Problem:
    """What a failed query means to who asked."""
    code = getattr(error, "code", None)
    if code in NOT_BUILT:
        for table, detail in absent.items():
            if table in str(error):
                return Problem(HTTPStatus.NOT_FOUND, detail)
        return Problem(HTTPStatus.SERVICE_UNAVAILABLE, "this is not built yet: `tradewind build`", RETRY)
    if code is not None and code not in OVERLOADED:
        log.error("%s", error)
        return Problem(HTTPStatus.INTERNAL_SERVER_ERROR, "the warehouse refuses the query; the log says why")
    return Problem(
        HTTPStatus.SERVICE_UNAVAILABLE, "the warehouse does not answer; `tradewind status` shows why", RETRY
    )


def _with_zone(value: Any) -> Any:
    return value.replace(tzinfo=UTC) if isinstance(value, datetime) and value.tzinfo is None else value
