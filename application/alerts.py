"""The alerts of one home: `python -m application.alerts`, a service of the stack."""

from __future__ import annotations

import argparse
import logging
import signal
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from clickhouse_connect.driver.client import Client
from pydantic import SecretStr

from tradewind.serving.alerts import LAST_ROUND, rules
from tradewind.serving.alerts.delivery import Receiver
from tradewind.serving.alerts.lifecycle import Alert
from tradewind.serving.alerts.pace import ACTIVITY, Activity
from tradewind.serving.alerts.published import Published
from tradewind.serving.alerts.rules import Rule, RulesError
from tradewind.serving.alerts.store import Store
from tradewind.serving.alerts.watch import Watch
from tradewind.settings import (
    AlertSettings,
    SettingsError,
    alert_settings,
    home_folder,
    load_settings,
    reporting_time_zone,
)
from tradewind.warehouse.client import connect

FOLDER, FILE = "alerts", "alerts.sqlite"


def file(home: Path) -> Path:
    """The file that a home keeps its alerts in; it need not exist."""
    return home / FOLDER / FILE


def store(home: Path) -> Store:
    """Where a home keeps its alerts."""
    return Store(file(home))


def present_rules(settings: AlertSettings) -> tuple[Rule, ...]:
    """The rules that hold; RulesError if their file is wrong."""
    return rules.read(settings.tradewind_alert_rules or rules.DEFAULT_FILE)


def receivers(settings: AlertSettings) -> list[Receiver]:
    """Whom messages are sent to."""
    found = [
        _receiver("slack", settings.tradewind_alert_slack_url, is_slack=True),
        _receiver("webhook", settings.tradewind_alert_webhook_url),
    ]
    return [receiver for receiver in found if receiver is not None]


def _receiver(name: str, url: SecretStr | None, is_slack: bool = False) -> Receiver | None:
    return None if url is None else Receiver(name, url.get_secret_value(), is_slack)


class Warehouse:
    """The warehouse, connected when it is first asked and again after an error."""

    def __init__(self, read_url: str, write_url: str) -> None:
        self._read_url, self._write_url = read_url, write_url
        self._reader: Client | None = None
        self._writer: Client | None = None
        self._published: Published | None = None

    def query(self, sql: str, parameters: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
        """Rows by column name, read as the BI user."""
        with self._connecting_anew_after_an_error():
            self._reader = self._reader or connect(self._read_url)
            answer = self._reader.query(sql, parameters=dict(parameters))
        return [dict(zip(answer.column_names, row, strict=True)) for row in answer.result_rows]

    def activity(self) -> Activity:
        """Whether anything may have changed."""
        with self._connecting_anew_after_an_error():
            self._writer = self._writer or connect(self._write_url)
            [(heartbeat_at, rows)] = self._writer.query(ACTIVITY).result_rows
        return Activity(heartbeat_at, rows)

    def publish(self, alerts: Sequence[Alert]) -> None:
        """Write what has changed to `ops.alerts`."""
        with self._connecting_anew_after_an_error():
            self._writer = self._writer or connect(self._write_url)
            self._published = self._published or Published(self._writer)
            self._published.write(alerts)

    @contextmanager
    def _connecting_anew_after_an_error(self) -> Iterator[None]:
        try:
            yield
        except Exception:
            self._reader = self._writer = self._published = None
            raise


def main() -> int:
    """Serve until SIGTERM or SIGINT; the process's exit code."""
    argparse.ArgumentParser(prog="python -m application.alerts", description="Watch and tell.").parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    try:
        settings, home, options = load_settings(), home_folder(), alert_settings()
        found = present_rules(options)
        zone = ZoneInfo(reporting_time_zone())
    except (RulesError, SettingsError) as error:
        sys.stderr.write(f"alerts: {error}\n")
        return 1
    warehouse = Warehouse(settings.clickhouse_bi_url, settings.clickhouse_writer_url)
    Watch(
        rules=found,
        query=warehouse.query,
        store=store(home),
        receivers=receivers(options),
        zone=zone,
        activity=warehouse.activity,
        publish=warehouse.publish,
        round_seconds=options.tradewind_alert_seconds,
        has_ended_round=(home / FOLDER / LAST_ROUND).touch,
    ).run(stopping)
    return 0


if __name__ == "__main__":
    sys.exit(main())
