"""What earlier runs of dbt left behind in `ops`: what they have built, and which changes they have merged.

`ops.dbt_models` and `ops.dbt_arrivals` are written by dbt (macros/model_state.sql, macros/cdc/watermark.sql),
`ops.whole_builds` by `tradewind build`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

WHOLE_BUILDS = "ops.whole_builds"
_CREATE = f"""
    create table if not exists {WHOLE_BUILDS} (
        finished_at DateTime64(6, 'UTC') comment 'When it ended',
        definitions String comment 'Digest of the dbt project and its settings',
        shop_date Date comment 'Today in the shop'
    ) engine = MergeTree order by finished_at ttl toDateTime(finished_at) + interval 30 day
"""


@dataclass(frozen=True)
class ModelState:
    """The runs that finished a table last and that changed it last: their starts (UTC)."""

    loaded_at: datetime
    changed_at: datetime


@dataclass(frozen=True)
class WholeBuild:
    """The last build that ran every model."""

    definitions: str
    shop_date: date


def tables(client: Client) -> set[str]:
    """Every table and view, with its database."""
    rows = client.query("select concat(database, '.', name) from system.tables").result_rows
    return {name for (name,) in rows}


def model_states(client: Client) -> dict[str, ModelState]:
    """Table with its database -> its state."""
    query = "select model, loaded_at, changed_at from ops.dbt_models final"
    return {
        model: ModelState(_utc(loaded_at), _utc(changed_at))
        for model, loaded_at, changed_at in client.query(query).result_rows
    }


def unmerged(
    client: Client,
    logs: Mapping[str, str],
    states: Mapping[str, ModelState],
    started: datetime,
    overlap: timedelta,
) -> set[str]:
    """Which tables have not merged all that had arrived in their log at `started`, as dbt itself decides it.

    `logs`: table -> the change log that is merged into it; both exist, and `states` knows the tables.
    """
    merged = {
        table: dict(arrivals)
        for table, loaded_at, arrivals in client.query(
            "select model, loaded_at, arrivals from ops.dbt_arrivals final"
        ).result_rows
        if table in states and _utc(loaded_at) == states[table].loaded_at
    }
    counts = [
        f"select '{table}' as model, _ingested_at as arrived_at, count() as row_count from {log} "  # noqa: S608
        f"where _ingested_at >= {_moment(states[table].loaded_at - overlap)} and "
        f"(_timestamp < {_moment(started)} or _ingested_at < {_moment(started - overlap)}) group by all"
        for table, log in logs.items()
    ]
    present = client.query(" union all ".join(counts)).result_rows if counts else []
    return {
        table
        for table, arrived_at, row_count in present
        if row_count > merged.get(table, {}).get(arrived_at, 0)
    }


def last_whole_build(client: Client) -> WholeBuild | None:
    """The last one; None if there was none."""
    client.command(_CREATE)
    query = f"select definitions, shop_date from {WHOLE_BUILDS} order by finished_at desc limit 1"  # noqa: S608
    rows = client.query(query).result_rows
    return WholeBuild(*rows[0]) if rows else None


def record_whole_build(client: Client, build: WholeBuild) -> None:
    """Remember that every model was run."""
    client.command(_CREATE)
    client.insert(
        WHOLE_BUILDS,
        [(datetime.now(UTC), build.definitions, build.shop_date)],
        column_names=["finished_at", "definitions", "shop_date"],
    )


def _moment(moment: datetime) -> str:
    return f"toDateTime64('{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}', 6, 'UTC')"


def _utc(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
