"""Tables once more, computed from PostgreSQL alone: a build must equal them, whatever happened before.

Each mart has a file of its name with one statement on the shop's database that gives all its columns; so do
facts and dimensions whose rules no mart shows. The session's time zone is that of the shop's days, so a time
cast to a date is one of them.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import yaml
from clickhouse_connect.driver.client import Client

from tradewind.settings import PROJECT_ROOT
from tradewind.source.catalog import read_tables

FOLDER = Path(__file__).parent
SHOWN = 5
SETTINGS = yaml.safe_load((PROJECT_ROOT / "dbt_project.yml").read_text())["vars"]
VARIABLES = {
    "standard_commission_rate": "numeric",
    "payout_grace_days": "int",
    "currencies_without_cents": "text[]",
    "attribution_window_days": "int",
    "attribution_half_life_days": "int",
    "churn_days": "int",
    "inventory_window_days": "int",
}
"""Those that statements read, as columns of the table `settings`, and their types in PostgreSQL."""
ODS: dict[str, tuple[str, str]] = {
    "ods_products": (
        "select product_id, product_name, md5(description) from products",
        "select product_id, product_name, lower(hex(MD5(description))) from ods.ods_products",
    ),
    "ods_payments": (
        "select payment_id, order_id, status, amount, updated_at at time zone 'UTC' from payments",
        "select payment_id, order_id, status, amount, updated_at from ods.ods_payments",
    ),
}

Row = tuple[Any, ...]
Differences = dict[str, dict[str, list[Any]]]


def recomputed_tables() -> dict[str, str]:
    """The statement of each table."""
    return {path.stem: path.read_text() for path in sorted(FOLDER.glob("[!_]*.sql"))}


def differences(shop: psycopg.Connection, warehouse: Client, exports: Mapping[str, str]) -> Differences:
    """Per table that differs from its recomputation: the first rows that are missing and extra.

    `exports`: what `tradewind env` prints, among it the home's time zone and day of reporting.
    """
    found = _row_counts(shop, warehouse)
    for name, (recomputation, reading) in ODS.items():
        found |= _difference(name, shop.execute(recomputation.encode()).fetchall(), _rows(warehouse, reading))
    _create_views(shop, exports)
    for name, recomputation in recomputed_tables().items():
        table = f"{'ads' if name.startswith('ads_') else 'cdm'}.{name}"
        with shop.execute(recomputation.encode()) as cursor:
            columns = [column.name for column in cursor.description or []]
            found |= _difference(
                f"columns of {table}", [(column,) for column in columns], _columns(warehouse, table)
            )
            reading = f"select {', '.join(columns)} from {table}"
            found |= _difference(table, cursor.fetchall(), _rows(warehouse, reading))
    return found


def _difference(name: str, wanted: list[Row], got: list[Row]) -> Differences:
    missing, extra = set(wanted) - set(got), set(got) - set(wanted)
    if not missing and not extra and len(got) == len(wanted):
        return {}
    return {name: {"missing": sorted(missing, key=str)[:SHOWN], "extra": sorted(extra, key=str)[:SHOWN]}}


def _rows(warehouse: Client, query: str) -> list[Row]:
    return [tuple(row) for row in warehouse.query(query).result_rows]


def _columns(warehouse: Client, table: str) -> list[Row]:
    """The columns of a table but for those that the runs write."""
    return [(row[0],) for row in _rows(warehouse, f"describe table {table}") if not row[0].startswith("_")]


def _create_views(shop: psycopg.Connection, exports: Mapping[str, str]) -> None:
    """What the statements read besides the shop's tables: its settings, the seed, and `_views.sql`."""
    zone = exports.get("TRADEWIND_REPORTING_TIME_ZONE", SETTINGS["reporting_time_zone"])
    today = exports.get("TRADEWIND_REPORTING_DATE", str(datetime.now(ZoneInfo(zone)).date()))
    with shop.cursor() as cursor:
        for table, (columns, rows) in _inputs(today).items():
            cursor.execute(f"create temporary table if not exists {table} ({columns})".encode())
            cursor.execute(f"truncate {table}".encode())
            places = ", ".join(["%s"] * len(rows[0]))
            cursor.executemany(f"insert into {table} values ({places})".encode(), rows)
        cursor.execute("select set_config('timezone', %s, false)", [zone])
        cursor.execute((FOLDER / "_views.sql").read_bytes())


def _inputs(today: str) -> dict[str, tuple[str, list[Row]]]:
    """Columns and rows of each table that the shop does not have."""
    return {
        "settings": (
            "today date, " + ", ".join(f"{name} {kind}" for name, kind in VARIABLES.items()),
            [(today, *(SETTINGS[name] for name in VARIABLES))],
        ),
        "tiers": ("place int, name text, gmv numeric, rating numeric", _tiers()),
        "rfm_segments": ("recency_score int, value_score int, segment text", _segments()),
    }


def _tiers() -> list[Row]:
    """Place, name and thresholds of each seller tier; a threshold that a tier lacks is always reached."""
    thresholds = ((tier["name"], tier.get("at_least", {})) for tier in SETTINGS["seller_tiers"])
    return [
        (place, name, least.get("gmv_amount_reporting", 0), least.get("rating_avg", 0))
        for place, (name, least) in enumerate(thresholds)
    ]


def _segments() -> list[Row]:
    with (PROJECT_ROOT / "seeds" / "rfm_segments.csv").open() as file:
        return [tuple(row.values()) for row in csv.DictReader(file)]


def _row_counts(shop: psycopg.Connection, warehouse: Client) -> Differences:
    """Each source table whose number of rows is not that of its ODS table."""
    found = {}
    for table in read_tables(shop):
        wanted = shop.execute(f"select count(*) from {table.name}".encode()).fetchall()
        got = _rows(warehouse, f"select count() from ods.ods_{table.name}")
        if got != wanted:
            found[f"rows of ods_{table.name}"] = {"missing": wanted, "extra": got}
    return found
