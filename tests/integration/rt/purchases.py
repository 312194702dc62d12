"""The last weeks of the simulated shop, as changes that arrive in bronze and as rows of the batch tables."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
from clickhouse_connect.driver.client import Client

from application import simulated_shop
from tests.fixtures.warehouse import RunningWarehouse
from tests.integration.dbt.changes import Change
from tests.integration.ml.conftest import TABLES, columns_of, risk_tables
from tradewind.ml.fraud import history, training
from tradewind.ml.registry import ModelVersion, Registry
from tradewind.settings import PROJECT_ROOT

KEPT_DAYS = 80
"""Fewer than near real time keeps."""
READ = ("users", "orders", "payments", "order_returns", "fraud_cases")
MISSING = {"users": {"is_bot": False, "is_test": False}}
CURRENCY = {table: {"currency": "USD"} for table in ("orders", "payments")}
MOMENTS = ("registered_at", "ordered_at", "attempted_at", "requested_at", "decided_at")


def recent_tables() -> dict[str, pd.DataFrame]:
    """Rows of the batch tables, moved so that the last order was an hour ago; older ones left out."""
    tables = risk_tables()
    last = tables["ods.ods_orders"]["ordered_at"].max()
    moved = pd.Timestamp.now("UTC").floor("s") - pd.Timedelta(hours=1) - last
    orders = tables["ods.ods_orders"]
    kept = orders.loc[orders["ordered_at"] > last - pd.Timedelta(days=KEPT_DAYS), "order_id"]
    found = {}
    for name, frame in tables.items():
        rows = (
            frame
            if "order_id" not in frame or name == "ods.ods_users"
            else frame[frame["order_id"].isin(kept)]
        )
        rows = rows[columns_of(name)].reset_index(drop=True).copy()
        for column in rows.columns[rows.columns.str.endswith("_at")]:
            rows[column] = rows[column] + moved
        if name == "ods.ods_payments":
            rows["payment_id"] = range(1, len(rows) + 1)
        found[name] = rows
    return found


def changes(tables: dict[str, pd.DataFrame]) -> list[tuple[str, Change]]:
    """Inserts of these rows, one after the other as they happened; of whole tables for accounts."""
    found: list[tuple[pd.Timestamp, str, dict[str, Any]]] = []
    for table in READ:
        frame = tables[f"ods.ods_{table}"]
        moments = frame[[name for name in frame if name in MOMENTS]].min(axis=1)
        for moment, row in zip(moments, frame.to_dict("records"), strict=True):
            found.append((moment, table, {str(name): _written(value) for name, value in row.items()}))
    found.sort(key=lambda each: (each[1] != "users", each[0]))
    return [
        (table, Change("c", 1_000 + number, after=row | MISSING.get(table, {}) | CURRENCY.get(table, {})))
        for number, (_, table, row) in enumerate(found)
    ]


def micros(moments: pd.Series) -> list[int]:
    """Microseconds since 1970."""
    found: list[int] = history.micros(pd.to_datetime(moments, utc=True)).tolist()
    return found


def _written(value: Any) -> Any:
    """As Debezium writes it."""
    if isinstance(value, pd.Timestamp):
        return value.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    if value is None or value is pd.NaT or (isinstance(value, float) and pd.isna(value)):
        return None
    return f"{value:.2f}" if isinstance(value, float) else value


def create_batch_tables(client: Client) -> None:
    """The batch tables that fraud scores read, without a row."""
    for name in _read_tables():
        client.command(f"create table {name} ({TABLES[name]}) engine = MergeTree order by tuple()")


def fill_batch_tables(client: Client, tables: dict[str, pd.DataFrame]) -> None:
    """Their rows."""
    for name in _read_tables():
        client.insert_df(name, tables[name])


def drop_batch_tables(client: Client) -> None:
    """None of them is left, nor what the service wrote."""
    for name in (*_read_tables(), "ml.fraud_scores", "ml.model_versions"):
        client.command(f"drop table if exists {name}")


def _read_tables() -> list[str]:
    return [*(f"ods.ods_{table}" for table in READ), "cdm.fact_orders"]


def champion(client: Client, home: Path) -> tuple[ModelVersion, training.OrderModel]:
    """A version of the model that was trained on the whole simulated shop."""
    registry = Registry(client, home / "models")
    registry.create()
    version = registry.add(training.train(simulated_shop.order_tables("small")[0]))
    return registry.promote(version, training.METRIC), training.load(registry.files(version))


@contextmanager
def scoring_service(warehouse: RunningWarehouse, home: Path) -> Iterator[None]:
    """The service's process in this home; at the end it is killed."""
    url = "postgresql://nobody:nothing@127.0.0.1:1/none"
    names = ("DATABASE_URL", "DATABASE_APP_URL", "DATABASE_REPLICATION_URL", "DAGSTER_URL")
    environment = os.environ | dict.fromkeys(names, url) | {
        "TRADEWIND_HOME": str(home),
        "CLICKHOUSE_URL": warehouse.admin_url,
        "CLICKHOUSE_WRITER_URL": warehouse.writer_url,
        "CLICKHOUSE_BI_URL": warehouse.bi_url,
    }  # fmt: skip
    with (home / "service.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "application.fraud_scoring"],
            env=environment, cwd=PROJECT_ROOT, stdout=log, stderr=log,
        )  # fmt: skip
        try:
            yield
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait()
