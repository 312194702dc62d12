"""The demo: start the stack, load data, capture it, build the marts and read their figures."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from application import manifest, stack
from application.build import Build, BuildSummary
from application.captured import capture_step, wait_until_captured
from application.figures import kpis, live_figures
from tradewind.settings import Settings, load_settings
from tradewind.source.mysql import is_mysql
from tradewind.stack import processes
from tradewind.stack.environment import Kind

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

Progress = Callable[[str], None]
"""Called with a description of the current step."""

LAYERS = ("bronze", "ods", "cdm", "ads")
POLL_SECONDS = 0.1


@dataclass
class DemoSummary:
    """The result of the demo; `as_json` is the contract of `tradewind demo --json`."""

    success: bool = True
    """Always true: a demo that fails raises instead."""
    seconds: dict[str, float] = field(default_factory=dict)
    """Per step, and `total`; steps overlap, so they add up to more."""
    load: str = ""
    models: dict[str, int] = field(default_factory=dict)
    tests: dict[str, int] = field(default_factory=dict)
    rows: dict[str, dict[str, int]] = field(default_factory=dict)
    """Layer -> table -> rows."""
    kpis: dict[str, Any] = field(default_factory=dict)
    live: dict[str, dict[str, str]] = field(default_factory=dict)
    """Figure -> what near real time and batch have for the hours of the last week that are over."""
    addresses: dict[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Plain values; money as text, so that it stays exact."""
        return asdict(self)


class Demo:
    """One run of the demo in one home, with the Olist files in `data` or with a simulated shop."""

    def __init__(
        self,
        home: Path,
        data: Path | None,
        progress: Progress = lambda text: None,
        kind: Kind | None = None,
    ) -> None:
        self.home, self.data, self.progress, self.kind = home, data, progress, kind
        if data is not None:
            from tradewind.marketplace.loaders.olist import OLIST

            os.environ.setdefault("TRADEWIND_REPORTING_TIME_ZONE", OLIST.time_zone)
            os.environ.setdefault("TRADEWIND_REPORTING_DATE", str(OLIST.last_day))
        self.was_running = bool(processes.of_home(home))
        self._is_new_shop = True
        self.summary = DemoSummary()
        self._ready: dict[str, threading.Event] = {}
        self._lock = threading.Lock()

    def run(self) -> DemoSummary:
        """Run all steps; raises the first error. The stack stays up."""
        started = time.monotonic()
        with ThreadPoolExecutor(1) as pool:
            starting = pool.submit(stack.up, self.home, self._report, (), self.kind)
            self._wait_for("schema", starting)
            settings = load_settings()
            self._load(settings)
            self._wait_for("manifest", starting)
            self._wait_for("run-storage", starting)
            # Of a new shop everything, also if the hourly build has come first, with what was there then.
            build = Build(settings, everything=self._is_new_shop)
            try:
                self._wait_for(capture_step(settings), starting)
                self._capture(settings)
                self._build(build).require_success()
            finally:
                build.cancel()
            with self._timed("figures"):
                self._read_figures(settings)
            self.progress("waiting for the Dagster UI")
            starting.result()
        self.summary.seconds["total"] = round(time.monotonic() - started, 1)
        return self.summary

    def _load(self, settings: Settings) -> None:
        with self._timed("load"):
            self._is_new_shop = not _has_orders(settings.database_url)
            if self.data is None:
                self.progress("simulating a shop")
                self.summary.load = _simulate(settings.database_url)
            else:
                self.progress(f"loading {self.data}")
                self.summary.load = _load_olist(settings.database_url, self.data)

    def _capture(self, settings: Settings) -> None:
        self.progress("waiting for the capture")
        with self._timed("capture"):
            wait_until_captured(settings, timeout_seconds=300)

    def _build(self, build: Build) -> BuildSummary:
        self.progress("building")
        done: dict[str, int] = {"model": 0, "check": 0}

        def count(event: dict[str, Any]) -> None:
            done[event["event"]] += 1
            self.progress(f"building: {done['model']} tables, {done['check']} checks")

        with self._timed("build"):
            outcome = build.run(count)
        self.summary.models, self.summary.tests = outcome.models, outcome.tests
        return outcome

    def _read_figures(self, settings: Settings) -> None:
        from application.metrics import compiler
        from tradewind.warehouse.client import connect

        client = connect(settings.clickhouse_writer_url)
        self.summary.rows = rows_per_table(client)
        self.summary.kpis = kpis(client, compiler(settings))
        self.summary.live = live_figures(client, manifest.read(settings))
        self.summary.addresses = addresses(settings)

    def _report(self, step: str, state: str, seconds: float) -> None:
        if state == "ready":
            self.summary.seconds[f"start {step}"] = round(seconds, 1)
            self._event(step).set()

    def _wait_for(self, step: str, starting: Future[Settings]) -> None:
        """Wait for one step of the start; if the start fails, so does this."""
        self.progress(f"starting: {step}")
        while not self._event(step).wait(POLL_SECONDS):
            if starting.done():
                starting.result()

    def _event(self, step: str) -> threading.Event:
        with self._lock:
            return self._ready.setdefault(step, threading.Event())

    @contextmanager
    def _timed(self, step: str) -> Iterator[None]:
        started = time.monotonic()
        yield
        self.summary.seconds[step] = round(time.monotonic() - started, 1)


def _load_olist(database_url: str, folder: Path) -> str:
    from tradewind.marketplace.loaders import olist

    return olist.load(database_url, folder).summary()


def _simulate(database_url: str) -> str:
    """Seed an empty shop up to today; leave one that has orders unchanged."""
    from simulator.parameters import DEFAULT_SIZE
    from simulator.plan import plan_until_today
    from simulator.seed import seed

    if _has_orders(database_url):
        return "the shop has orders already: nothing was added"
    return seed(database_url, plan_until_today(DEFAULT_SIZE)).summary()


def _has_orders(database_url: str) -> bool:
    query = "select count(*) from (select 1 from orders limit 1) as first_order"
    if is_mysql(database_url):
        from tradewind.source.mysql.connection import connect, rows

        with connect(database_url) as shop:
            return rows(shop, query) == [(1,)]
    import psycopg

    with psycopg.connect(database_url) as postgres:
        return postgres.execute(query).fetchone() == (1,)


def rows_per_table(client: Client) -> dict[str, dict[str, int]]:
    """Rows of every table of every layer, deleted ones not counted."""
    tables = client.query(
        "select database, name from system.tables where database in {layers:Array(String)} "
        "and engine like '%MergeTree' order by database, name",
        parameters={"layers": list(LAYERS)},
    ).result_rows
    counts = " union all ".join(
        f"select '{database}' as layer, '{name}' as name, count() as row_count from {database}.`{name}`"  # noqa: S608
        for database, name in tables
    )
    rows: dict[str, dict[str, int]] = {layer: {} for layer in LAYERS}
    for layer, name, count in client.query(counts).result_rows if tables else []:
        rows[layer][name] = count
    return {layer: dict(sorted(names.items())) for layer, names in rows.items()}


def addresses(settings: Settings) -> dict[str, str]:
    """The addresses to open and the users to log in as, without passwords (`tradewind env` prints them)."""
    warehouse, database = settings.warehouse, settings.database
    return {
        "dashboard": "tradewind open",
        "Dagster": settings.dagster_url,
        "ClickHouse": f"{warehouse.origin} (user bi: CLICKHOUSE_BI_URL)",
        "PostgreSQL": f'{database.host}:{database.port}/{database.database} (psql "$DATABASE_URL")',
        "passwords": 'eval "$(tradewind env)"',
    }
