"""Observing bronze: rows, latest position and delay of every table that has received something.

The sensor reports the observations itself: it starts no run, and a quiet table adds nothing to the log.
"""

import json
from datetime import UTC, datetime

import dagster as dg

from orchestration.defs.bronze.assets import tables
from orchestration.resources import Warehouse

INTERVAL_SECONDS = 30

Row = tuple[str, int, str, datetime, float]


@dg.sensor(
    name="observe_bronze",
    minimum_interval_seconds=INTERVAL_SECONDS,
    default_status=dg.DefaultSensorStatus.RUNNING,
)
def observe_bronze(context: dg.SensorEvaluationContext, warehouse: Warehouse) -> dg.SensorResult:
    """Report the tables that changed since the last evaluation; the cursor holds each table's row count."""
    known: dict[str, int] = json.loads(context.cursor or "{}")
    rows: list[Row] = warehouse.client().query(latest_events()).result_rows  # type: ignore[assignment]
    return dg.SensorResult(
        asset_events=[observation(row) for row in rows if row[1] != known.get(row[0], 0)],
        cursor=json.dumps({row[0]: row[1] for row in rows}),
    )


def latest_events() -> str:
    """One query for the row count and the latest event of all tables; the sort key makes it cheap."""
    return " union all ".join(_latest_event(*table.key.path) for table in tables)


def observation(row: Row) -> dg.AssetObservation:
    """What the UI shows of one table."""
    table, rows, position, changed_at, delay = row
    return dg.AssetObservation(
        asset_key=["bronze", table],
        metadata={
            "dagster/row_count": rows,
            "latest_position": position,
            "latest_change": dg.MetadataValue.timestamp(changed_at.replace(tzinfo=UTC)),
            "delay_seconds": delay,
        },
    )


def _latest_event(database: str, table: str) -> str:
    return (
        f"select '{table}' as name, (select count() from {database}.`{table}`) as row_count, _position, "  # noqa: S608
        "toTimeZone(_changed_at, 'UTC') as changed_at, "
        "dateDiff('millisecond', _changed_at, _ingested_at) / 1000 as delay_seconds "
        f"from (select * from {database}.`{table}` order by _position desc limit 1)"
    )
