"""What every answer carries: until when its figures hold, and whether the capture has fallen behind.

Requests that follow each other share one read, which goes on beside them. When the warehouse does not answer,
everything is stale.
"""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from tradewind.serving.api.problems import Problem
from tradewind.serving.api.warehouse import Warehouse

log = logging.getLogger("api")

FRESH_SECONDS, MOST_SECONDS = 1.0, 2.0
BUILDS_SECONDS = 3.0
"""Builds are rarer than commits, and asked for less often."""
MARTS = "select mart, newest_commit_at, seconds_behind, is_stale from rt.rt_freshness"
CAPTURE = "v_live_kpi"
"""The mart whose newest commit says how far the capture has come."""
BUILDS = "select model, loaded_at from ops.dbt_models final"
CURRENCY = "select max(currency) as currency from ads.ads_kpi_summary"


@dataclass(frozen=True)
class MartState:
    """How far a near-real-time mart is behind the source."""

    newest_commit_at: datetime | None
    seconds_behind: float | None
    """None if nothing was ever captured."""
    is_stale: bool


@dataclass(frozen=True)
class State:
    """What is known of the warehouse."""

    built_at: Mapping[str, datetime]
    """Model with its database -> start of its last build; empty until it is known."""
    newest_commit_at: datetime | None
    is_stale: bool
    currency: str | None
    problem: str | None
    """Why nothing newer is known; None if the warehouse answers."""
    marts: Mapping[str, MartState] = field(default_factory=dict)
    """The near-real-time marts by name; empty until they are known."""

    @property
    def newest_build(self) -> datetime | None:
        """Start of the last build of any model."""
        return max(self.built_at.values(), default=None)


class Freshness:
    """The newest state, read while somebody asks for it, and never otherwise."""

    def __init__(self, warehouse: Warehouse) -> None:
        self._warehouse = warehouse
        self._read_at = self._builds_read_at = -math.inf
        self._reading: asyncio.Task[State] | None = None
        self.state = State({}, None, True, None, "the warehouse has not been asked yet")

    async def current(self) -> State:
        """The state, at most MOST_SECONDS old: an older one is read anew first, a recent one meanwhile."""
        age = time.monotonic() - self._read_at
        if age > FRESH_SECONDS:
            reading = self._start()
            if age > MOST_SECONDS:
                return await asyncio.shield(reading)
        return self.state

    async def read(self) -> State:
        """The state as it is now."""
        return await asyncio.shield(self._start())

    def _start(self) -> asyncio.Task[State]:
        """The read that is under way, or a new one."""
        if self._reading is None or self._reading.done():
            self._reading = asyncio.create_task(self._renew())
        return self._reading

    async def _renew(self) -> State:
        try:
            self.state = await self._read()
        except Problem as problem:
            if self.state.problem != problem.detail:
                log.warning("%s", problem.detail)
            self.state = replace(self.state, is_stale=True, problem=problem.detail)
        self._read_at = time.monotonic()
        return self.state

    async def _read(self) -> State:
        rows, (built_at, currency) = await asyncio.gather(self._warehouse.query(MARTS), self._builds())
        marts = {row.pop("mart"): MartState(**row) for row in rows}
        commit = marts.get(CAPTURE, MartState(None, None, True))
        return State(built_at, commit.newest_commit_at, commit.is_stale, currency, None, marts)

    async def _builds(self) -> tuple[Mapping[str, datetime], str | None]:
        """When each model was built, and the reporting currency."""
        now = time.monotonic()
        if self.state.built_at and now - self._builds_read_at < BUILDS_SECONDS:
            return self.state.built_at, self.state.currency
        builds, [kpi] = await asyncio.gather(self._warehouse.query(BUILDS), self._warehouse.query(CURRENCY))
        self._builds_read_at = now
        return {row["model"]: row["loaded_at"] for row in builds}, kpi["currency"] or None
