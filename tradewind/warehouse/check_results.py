"""The latest result of each check on the warehouse's tables: `ops.check_results`, written by each run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

TABLE = "ops.check_results"
COLUMNS = {
    "check_name": ("text", "Name of the check."),
    "table_name": ("text", "The table that it checks, with its database; empty if it checks several."),
    "status": ("text", "pass, warn, fail, error or skipped."),
    "failed_row_count": ("bigint", "Rows that break the rule."),
    "message": ("text", "What the check says of its failure; empty if it passed."),
    "run_id": ("text", "The run in which it was checked."),
    "checked_at": ("timestamptz", "When it was checked (UTC)."),
}
"""Column -> its type, as contracts name it, and description."""
TYPES = {"text": "String", "bigint": "Int64", "timestamptz": "DateTime64(6, 'UTC')"}


@dataclass(frozen=True)
class CheckResult:
    """What a run found by one check."""

    check_name: str
    table_name: str
    status: str
    failed_row_count: int
    message: str


def create_table() -> str:
    """The statement that creates the table if there is none."""
    columns = ",\n    ".join(
        f"{name} {TYPES[kind]} comment '{text}'" for name, (kind, text) in COLUMNS.items()
    )
    return (
        f"create table if not exists {TABLE} (\n    {columns}\n) "
        "engine = ReplacingMergeTree(checked_at) order by check_name"
    )


def passed(client: Client) -> dict[str, datetime]:
    """The names of the checks that passed when they were last run, and when that was (UTC)."""
    query = f"select check_name, checked_at from {TABLE} final where status = 'pass'"  # noqa: S608 - our own name
    return {
        name: moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        for name, moment in client.query(query).result_rows
    }


def record(client: Client, run_id: str, results: Sequence[CheckResult]) -> None:
    """Keep the results of a run, each in place of the check's earlier one."""
    client.command(create_table())
    if not results:
        return
    now = datetime.now(UTC)
    rows = [
        (
            result.check_name,
            result.table_name,
            result.status,
            result.failed_row_count,
            result.message,
            run_id,
            now,
        )
        for result in results
    ]
    client.insert(TABLE, rows, column_names=list(COLUMNS))
