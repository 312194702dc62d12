"""All that a change passes, on free ports: the shop's PostgreSQL, capture, warehouse, live marts."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from connectors.bronze.progress import wait_until_captured
from tests.fixtures.capture import RunningCapture
from tests.fixtures.postgres import RunningPostgres, free_port
from tests.fixtures.warehouse import RunningWarehouse
from tradewind.app import near_real_time
from tradewind.app.manifest import prepare as prepare_manifest
from tradewind.marketplace.schema import init
from tradewind.settings import Settings, dbt_places
from tradewind.stack import postgres as server
from tradewind.warehouse.access import prepare_databases
from tradewind.warehouse.feeds import prepare_feeds


class LiveStack:
    """Everything between a commit and a mart, each a process of its own, with its state in `folder`."""

    def __init__(self, folder: Path) -> None:
        folder.chmod(0o711)  # PostgreSQL may run as another user
        self.home = folder
        self.source = RunningPostgres(folder / "postgres", free_port())
        self.warehouse = RunningWarehouse(folder / "engine")
        self.capture = RunningCapture(folder / "capture-home", self.source, self.warehouse.writer_url)

    @property
    def settings(self) -> Settings:
        """The addresses."""
        return Settings(
            database_url=self.source.owner_url,
            database_app_url=self.source.app_url,
            database_replication_url=self.source.replication_url,
            clickhouse_url=self.warehouse.admin_url,
            clickhouse_writer_url=self.warehouse.writer_url,
            clickhouse_bi_url=self.warehouse.bi_url,
            dagster_url="http://127.0.0.1:1",
        )

    def start_source(self) -> None:
        """PostgreSQL with the shop's tables."""
        server.prepare(self.source.data, self.source.passwords)
        self.source.start()
        init(self.source.owner_url)

    def start_warehouse(self) -> None:
        """The warehouse with its databases."""
        self.warehouse.start()
        client = self.warehouse.client()
        prepare_databases(client)
        prepare_feeds(client)

    def deploy(self) -> None:
        """Make the near-real-time states and marts."""
        os.environ["TRADEWIND_HOME"] = str(self.home)
        os.environ.update(dbt_places(self.home / "dbt"))
        (self.home / "dbt").mkdir(exist_ok=True)
        prepare_manifest(self.home, self.settings)
        near_real_time.deploy(self.settings)

    def captured(self) -> None:
        """Wait until bronze holds all that is committed now."""
        wait_until_captured(self.source.owner_url, self.warehouse.writer_url, 600)

    def stop(self) -> None:
        """End what was started, the capture first."""
        if self.capture.process is not None:
            self.capture.remove()
        if self.warehouse.process is not None:
            self.warehouse.stop()
        if self.source.process is not None:
            self.source.stop()


@contextmanager
def live_stack(with_marts: bool = True) -> Iterator[LiveStack]:
    """A started stack whose capture follows the log; stopped and removed at the end."""
    with tempfile.TemporaryDirectory(prefix="tradewind-live-") as folder:
        stack = LiveStack(Path(folder))
        try:
            stack.start_source()
            stack.start_warehouse()
            if with_marts:
                stack.deploy()
            stack.capture.start()
            yield stack
        finally:
            stack.stop()
