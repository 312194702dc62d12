"""What every answer carries: until when its figures hold, and whether the capture has fallen behind.

Asked now and then by one task, so that no request waits for it. When the warehouse does not answer,
everything is stale.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from tradewind.serving.api.problems import Problem
from tradewind.serving.api.warehouse import Warehouse

log = logging.getLogger("api")

SECONDS = 1.0
BUILDS_SECONDS = 3.0
"""Builds are rarer than commits, and asked for less often."""
CAPTURE = "select newest_commit_at, is_stale from rt.rt_freshness where mart = 'v_live_kpi'"
BUILDS = "select model, loaded_at from ops.dbt_models final"
CURRENCY = "select max(currency) as currency from ads.ads_kpi_summary"


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

    @property
    def newest_build(self) -> datetime | None:
        """Start of the last build of any model."""
        return max(self.built_at.values(), default=None)


class Freshness:
    """The newest state, kept by `follow`."""

    def __init__(self, warehouse: Warehouse) -> None:
        self._warehouse = warehouse
        self._builds_known_at = 0.0
        self.state = State({}, None, True, None, "the warehouse has not been asked yet")

    async def follow(self) -> None:
        """Read it again and again, until cancelled."""
        while True:
            await self.read()
            await asyncio.sleep(SECONDS)

    async def read(self) -> State:
        """Read it now."""
        try:
            self.state = await self._read()
        except Problem as problem:
            if self.state.problem != problem.detail:
                log.warning("%s", problem.detail)
            self.state = replace(self.state, is_stale=True, problem=problem.detail)
        return self.state

    async def _read(self) -> State:
        [commit] = await self._warehouse.query(CAPTURE) or [{"newest_commit_at": None, "is_stale": True}]
        built_at, currency = self.state.built_at, self.state.currency
        now = time.monotonic()
        if not built_at or now - self._builds_known_at >= BUILDS_SECONDS:
            built_at = {row["model"]: row["loaded_at"] for row in await self._warehouse.query(BUILDS)}
            currency = (await self._warehouse.query(CURRENCY))[0]["currency"] or None
            self._builds_known_at = now
        return State(built_at, commit["newest_commit_at"], bool(commit["is_stale"]), currency, None)
