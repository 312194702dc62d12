"""Readings of the whole platform for Prometheus: live marts, alerts, checks, services, the capture.

They are taken when Prometheus asks, at most every few seconds, each by itself: what cannot be read is left
out and reported as such, never as zero.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPException
from math import inf
from typing import Any, TypeVar
from xmlrpc.client import Error as RemoteError

from tradewind.serving.alerts import published
from tradewind.serving.api.freshness import Freshness, MartState
from tradewind.serving.api.problems import Problem
from tradewind.serving.api.warehouse import Warehouse
from tradewind.warehouse import check_results

log = logging.getLogger("api")

FRESH_SECONDS = 5.0
"""Readings this recent are served again."""
PATIENCE_SECONDS = 4.0
"""How long Prometheus waits for what does not answer; by default it gives up after ten."""
UNREADABLE = (Problem, OSError, HTTPException, RemoteError, sqlite3.Error)
ALERTS = f"select severity, state, count() as alerts from {published.TABLE} final group by severity, state"  # noqa: S608
CHECKS = f"select status, count() as checks from {check_results.TABLE} final group by status"  # noqa: S608

Value = TypeVar("Value")


@dataclass(frozen=True)
class ServiceState:
    """A service as its supervisor sees it."""

    name: str
    is_up: bool
    started_at: float
    """When its process last started, in seconds since 1970."""


@dataclass(frozen=True)
class CaptureState:
    """What the capture has done since its process started."""

    rows_written: int
    lag_seconds: float | None
    """From the newest change's commit until it was in bronze; None if there was none."""


@dataclass(frozen=True)
class Home:
    """What can be read of a home beside its warehouse; each function may block for a moment."""

    services: Callable[[], Sequence[ServiceState]]
    """The services that have been started; none where something else supervises them."""
    waiting_messages: Callable[[], Mapping[str, int]]
    """Receiver -> messages of alerts that it has not taken, if any."""
    captures: Callable[[], Sequence[CaptureState]]
    """The home's own capture, if it has one."""


@dataclass(frozen=True)
class Figures:
    """One reading of each kind; None for what could not be read."""

    marts: Mapping[str, MartState] | None = None
    alerts: Mapping[tuple[str, str], int] | None = None
    """(severity, state) -> how many."""
    checks: Mapping[str, int] | None = None
    """Status -> how many."""
    services: Sequence[ServiceState] | None = None
    waiting_messages: Mapping[str, int] | None = None
    captures: Sequence[CaptureState] | None = None


class Platform:
    """The newest figures, read while somebody asks for them, and never otherwise."""

    def __init__(self, warehouse: Warehouse, freshness: Freshness, home: Home) -> None:
        self._warehouse, self._freshness, self._home = warehouse, freshness, home
        self._read_at = -inf
        self._reading: asyncio.Task[None] | None = None
        self.figures = Figures()

    async def renew(self) -> None:
        """Read again unless that was done lately; takes PATIENCE_SECONDS at most."""
        if time.monotonic() - self._read_at < FRESH_SECONDS:
            return
        if self._reading is None or self._reading.done():
            self._reading = asyncio.create_task(self._read())
        await asyncio.wait({self._reading})

    async def _read(self) -> None:
        marts, alerts, checks, services, messages, captures = await asyncio.gather(
            _known("marts", self._marts()),
            _known("alerts", self._alerts()),
            _known("checks", self._checks()),
            _known("services", asyncio.to_thread(self._home.services)),
            _known("messages", asyncio.to_thread(self._home.waiting_messages)),
            _known("capture", asyncio.to_thread(self._home.captures)),
        )
        self.figures = Figures(marts, alerts, checks, services, messages, captures)
        self._read_at = time.monotonic()

    async def _marts(self) -> Mapping[str, MartState]:
        state = await self._freshness.current()
        if state.problem is not None:
            raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, state.problem)
        return state.marts

    async def _alerts(self) -> Mapping[tuple[str, str], int]:
        rows = await self._rows(ALERTS, published.TABLE)
        return {(str(row["severity"]), str(row["state"])): int(row["alerts"]) for row in rows}

    async def _checks(self) -> Mapping[str, int]:
        rows = await self._rows(CHECKS, check_results.TABLE)
        return {str(row["status"]): int(row["checks"]) for row in rows}

    async def _rows(self, query: str, table: str) -> Sequence[Mapping[str, Any]]:
        """The rows; none if the table has not been made yet."""
        try:
            return await self._warehouse.query(query, absent={table: "nothing is known yet"})
        except Problem as problem:
            if problem.status != HTTPStatus.NOT_FOUND:
                raise
            return ()


async def _known(name: str, reading: Awaitable[Value]) -> Value | None:
    """The reading; None, and a line in the log, if it fails or takes too long."""
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            return await reading
    except UNREADABLE as error:
        log.warning("%s cannot be read: %s", name, getattr(error, "detail", error) or type(error).__name__)
        return None
