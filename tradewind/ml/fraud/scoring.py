"""Fraud scores while orders arrive: the rounds of the scoring service."""

from __future__ import annotations

import json
import logging
import os
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tradewind.ml.outputs import FRAUD_SCORES
from tradewind.ml.registry import ModelVersion, Registry

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

    from tradewind.ml.fraud.arrivals import Arrivals
    from tradewind.ml.fraud.live import LiveHistory
    from tradewind.ml.fraud.training import OrderModel

log = logging.getLogger("fraud-scoring")

BUSY_SECONDS, QUIET_SECONDS, RESTING_SECONDS = 0.05, 0.2, 5.0
"""Between two looks: while something arrives, while nothing does, and while there is no champion."""
BUSY_FOR_SECONDS = 5.0
CHAMPION_SECONDS = 2.0
"""How often another champion is looked for."""
STATUS_SECONDS = 5.0
MOST = 2_000
"""Orders that are scored and written at once."""
HAS_VERSIONS = "select 1 from system.tables where database = 'ml' and name = 'model_versions'"
SCORED = """\
select order_id, toUnixTimestamp64Micro(judged_at)
from ml.fraud_scores final
where judged_at > fromUnixTimestamp64Micro({since:Int64}, 'UTC')"""
FILE = "status.json"


@dataclass
class Status:
    """What the service says of itself; times are seconds since 1970 (UTC)."""

    pid: int
    state: str = "starting"
    """starting, no champion, loading, scoring or failed."""
    model_version: str = ""
    orders_scored: int = 0
    """Since it was started."""
    seconds_behind: float = 0.0
    """From the arrival of the newest order to its score, of the last ones."""
    waiting: int = 0
    """Orders that are to be scored."""
    step_median_ms: float = 0.0
    step_ms: float = 0.0
    """99th percentile of a scoring step (features, score, reasons), of the last thousand."""
    updated_at: float = 0.0
    error: str = ""

    def write(self, folder: Path) -> None:
        """Replace the status file."""
        self.updated_at = time.time()
        scratch = folder / f"{FILE}.next"
        scratch.write_text(json.dumps(asdict(self), indent=2) + "\n")
        scratch.replace(folder / FILE)


def read_status(folder: Path) -> Status | None:
    """The last status written to this folder; None if there is none of this version."""
    try:
        return Status(**json.loads((folder / FILE).read_text()))
    except (FileNotFoundError, TypeError, ValueError):
        return None


class Scoring:
    """Scores what arrives by the champion, and what is not scored yet when it begins.

    A score is written before its order is forgotten, and a row of `ml.fraud_scores` replaces that of the same
    order: an end at any moment leaves no order without a score, and none with two.
    """

    def __init__(self, connect: Callable[[], Client], models: Path, folder: Path) -> None:
        """models: the registry's folder; folder: where the status is written."""
        self._connect, self._models, self._folder = connect, models, folder
        self._client: Client | None = None
        self._version: ModelVersion | None = None
        self._model: OrderModel | None = None
        self._arrivals: Arrivals | None = None
        self._shop: LiveHistory | None = None
        self._asked_at = self._changed_at = -RESTING_SECONDS
        self._loaded_at = 0.0
        self._steps: deque[float] = deque(maxlen=1_000)
        self.status = Status(os.getpid())

    def run(self, stopping: threading.Event) -> None:
        """Rounds until `stopping` is set. After an error everything is read anew."""
        while not stopping.is_set():
            try:
                seconds = self.round()
                self.status.error = ""
            except Exception as error:  # the warehouse may be gone for a while
                log.exception("this round was not made")
                self._forget(error)
                seconds = RESTING_SECONDS
            if time.time() - self.status.updated_at >= STATUS_SECONDS or self.status.error:
                self.status.write(self._folder)
            stopping.wait(seconds)

    def round(self) -> float:
        """Score what has arrived; the seconds until the next look."""
        client = self._client = self._client or self._connect()
        if time.monotonic() - self._asked_at >= CHAMPION_SECONDS:
            self._look_for_champion(client)
        if self._version is None or self._model is None:
            self._set_state("no champion")
            return RESTING_SECONDS
        if self._shop is None or self._arrivals is None:
            self._set_state("loading")
            self._load(client)
            self._set_state("scoring")
            return 0.0
        if self._arrivals.follow(self._shop):
            self._changed_at = time.monotonic()
        if self._shop.due:
            self._score(client, self._model, self._version, self._shop)
        is_busy = time.monotonic() - self._changed_at < BUSY_FOR_SECONDS
        return BUSY_SECONDS if is_busy else QUIET_SECONDS

    def _look_for_champion(self, client: Client) -> None:
        registry = Registry(client, self._models)
        champion = registry.champion("fraud") if client.query(HAS_VERSIONS).result_rows else None
        if champion is not None and (self._version is None or champion.version != self._version.version):
            from tradewind.ml.fraud import training

            self._model = training.load(registry.files(champion))
            client.command(FRAUD_SCORES.create())
            self._version, self.status.model_version = champion, champion.version
            log.info("scores by %s", champion.version)
        self._asked_at = time.monotonic()

    def _load(self, client: Client) -> None:
        from tradewind.ml.fraud.arrivals import Arrivals
        from tradewind.ml.fraud.training import SCORED_DAYS

        self._arrivals = Arrivals(client)
        shop = self._arrivals.load()
        since = shop.last_judged() - SCORED_DAYS * 86_400
        rows = client.query(SCORED, parameters={"since": since * 1_000_000}).result_rows
        scored: dict[int, int] = {order: at for order, at in rows}
        shop.due = {order for order, at in shop.judged_since(since).items() if scored.get(order) != at}
        self._shop, self.status.waiting, self._loaded_at = shop, len(shop.due), time.time()
        log.info(
            "%d orders known, %d of the last %d days without a score", len(shop), len(shop.due), SCORED_DAYS
        )

    def _score(self, client: Client, model: OrderModel, version: ModelVersion, shop: LiveHistory) -> None:
        from tradewind.ml.fraud.training import scored

        orders = sorted(shop.due)[:MOST]
        begin = time.perf_counter()
        facts = shop.facts(orders)
        rows = scored(model, shop.features(orders), facts, version.version)
        self._steps.append(time.perf_counter() - begin)
        client.insert_df(FRAUD_SCORES.name, rows)
        shop.due.difference_update(orders)
        self.status.orders_scored += len(orders)
        if self._newest() > self._loaded_at:
            self.status.seconds_behind = round(max(time.time() - self._newest(), 0.0), 3)
        self.status.waiting = len(shop.due)
        self.status.step_median_ms, self.status.step_ms = (self._step(part) for part in (0.5, 0.99))

    def _step(self, part: float) -> float:
        """So many milliseconds, or less, a part of the steps took."""
        return round(1_000 * sorted(self._steps)[int(part * (len(self._steps) - 1))], 1)

    def _newest(self) -> float:
        return self._arrivals.newest / 1_000_000 if self._arrivals else time.time()

    def _set_state(self, state: str) -> None:
        if self.status.state != state:
            self.status.state = state
            self.status.write(self._folder)

    def _forget(self, error: Exception) -> None:
        self._client = self._arrivals = self._shop = None
        self._asked_at = -RESTING_SECONDS
        self.status.state = "failed"
        self.status.error = (str(error).strip().splitlines() or [type(error).__name__])[0][:300]
