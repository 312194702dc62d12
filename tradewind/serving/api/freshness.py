"""What every answer carries: until when its figures hold, and whether the capture has fallen behind.

Asked now and then by one task, so that no request waits for it. When the warehouse does not answer,
everything is stale.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from datetime import UTC, datetime

from tradewind.serving.api.problems import Problem
from tradewind.serving.api.warehouse import Warehouse

log = logging.getLogger("api")

SECONDS = 3.0
CAPTURE = "select newest_commit_at, is_stale from rt.rt_freshness where mart = 'v_live_kpi'"
BUILDS = "select model, loaded_at from ops.dbt_models final"
CURRENCY = "select max(currency) as currency from ads.ads_kpi_summary"


@dataclass(frozen=True)
class State:
    """What is known of the warehouse."""

    built_at: dict[str, datetime]
    """Model with its database -> start of its last build."""
    newest_commit_at: datetime | None
    is_stale: bool
    currency: str | None
    known_at: datetime


class Freshness:
    """The newest state, kept by `follow`."""

    def __init__(self, warehouse: Warehouse) -> None:
        self._warehouse = warehouse
        self.state = State({}, None, True, None, datetime.now(UTC))

    async def follow(self) -> None:
        """Read it again and again, until cancelled."""
        while True:
            await self.read()
            await asyncio.sleep(SECONDS)

    async def read(self) -> State:
        """Read it now."""
        now = datetime.now(UTC)
        before = self.state
        try:
            captured = await self._warehouse.query(CAPTURE)
            builds = await self._warehouse.query(BUILDS)
            currency = await self._warehouse.query(CURRENCY)
        except Problem as problem:
            log.warning("%s", problem.detail)
            self.state = State(before.built_at, before.newest_commit_at, True, before.currency, now)
            return self.state
        commit = captured[0] if captured else {"newest_commit_at": None, "is_stale": True}
        built_at = {row["model"]: row["loaded_at"] for row in builds}
        money = currency[0]["currency"] or None
        self.state = State(built_at, commit["newest_commit_at"], bool(commit["is_stale"]), money, now)
        return self.state
