"""The supervised simulator: `python -m simulator.live`, in a home's folder."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
from functools import partial
from pathlib import Path

from simulator.live.database.reading import NothingToSimulate
from simulator.live.database.session import ShopError
from simulator.live.request import load_request
from simulator.live.run import Run
from simulator.live.scenarios import ScenarioError
from simulator.live.status import Status
from simulator.plan import plan_until_today
from simulator.seed import seed
from tradewind.settings import SettingsError, home_folder, load_settings, simulation_settings
from tradewind.source.errors import LoadError
from tradewind.source.owner import DatabaseUnreachable

log = logging.getLogger("simulator")
EMPTY_SHOP_SECONDS = 3.0
LOG_SECONDS = 10.0


class Service:
    """One run of the service."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        request = load_request(folder)
        self._history = request.history
        self._plan = request.plan(simulation_settings())
        self._app_url = load_settings().database_app_url
        self._ended = threading.Event()
        self._run = Run(self._plan, self._app_url)
        self._logged = 0.0

    def end(self, *_: object) -> None:
        """Signal handler: finish what has begun."""
        self._ended.set()
        self._run.end()

    def serve(self) -> None:
        """Run until it is ended; wait while the shop is empty."""
        log.info("%s at %g events/s, seed %d", self._plan.base.name, self._plan.rate, self._plan.seed)
        has_warned = False
        while not self._ended.is_set():
            try:
                self._run.run(self._report)
                return
            except NothingToSimulate as error:
                if self._history is not None:
                    self._fill(self._history)
                    self._history = None
                    continue
                if not has_warned:
                    log.warning("waiting: %s", error)
                has_warned = True
                Status("waiting", os.getpid(), self._plan.base.name).write(self._folder)
                self._ended.wait(EMPTY_SHOP_SECONDS)

    def _fill(self, size: str) -> None:
        """Seed the empty shop with a history up to today, in one transaction."""
        waiting = partial(Status, "waiting", os.getpid(), self._plan.base.name)
        waiting().write(self._folder)
        log.info("the shop is empty: filling it with the history %s", size)
        owner_url = load_settings().database_url
        report = seed(owner_url, plan_until_today(size), on_progress=lambda *_: waiting().write(self._folder))
        log.info("%s", report.summary())

    def _report(self, status: Status) -> None:
        status.write(self._folder)
        if status.elapsed_seconds - self._logged >= LOG_SECONDS:
            self._logged = status.elapsed_seconds
            log.info(
                "%d events (%.0f/s), %d orders, %d refused, %.1f s behind",
                *(status.events, status.events_per_second, status.orders, status.refused_orders),
                status.lag_seconds,
            )


def main() -> None:
    """Serve in TRADEWIND_HOME."""
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s", level=logging.INFO)
    folder = home_folder() / "simulator"
    folder.mkdir(mode=0o700, exist_ok=True)
    try:
        service = Service(folder)
        signal.signal(signal.SIGTERM, service.end)
        signal.signal(signal.SIGINT, service.end)
        service.serve()
    except (
        *(DatabaseUnreachable, LoadError, ScenarioError, SettingsError, ShopError, TimeoutError),
    ) as error:
        reason = " ".join(str(error).split())
        Status("failed", os.getpid(), error=reason).write(folder)
        sys.exit(f"simulator: {reason}")


if __name__ == "__main__":
    main()
