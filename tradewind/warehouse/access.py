"""The databases of the warehouse."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

DATABASES = {
    "bronze": "Change log of every source table, append only",
    "feeds": "Change log of every feed, append only",
    "ods": "Current state of every source table, typed",
    "cdm": "Facts and dimensions",
    "ads": "Marts: wide tables that a BI tool charts with no join",
    "rt": "Marts that follow the change log within a second",
    "ml": "Forecasts, scores and their inputs",
    "ops": "State of the platform itself",
}


def prepare_databases(client: Client) -> None:
    """Create the databases that do not exist yet; needs a user that may create databases."""
    for name, comment in DATABASES.items():
        client.command(f"CREATE DATABASE IF NOT EXISTS {name} COMMENT '{comment}'")
