"""Removal of superseded changes from bronze, for shops that cannot keep every change for ever.

Of a row's changes, the newest that carries the whole row and all later ones are kept, and so is every
truncate: a merge of what is left gives the same tables. A change that lacks a value (unchanged TOAST)
supersedes nothing, since the value is in an older one; nor does one that the merge does not take, and such
changes stay.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from tradewind.warehouse import bronze

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

# Debezium's placeholder for a value that was not logged, as text and base64.
PLACEHOLDERS = ("__debezium_unavailable_value", "X19kZWJleml1bV91bmF2YWlsYWJsZV92YWx1ZQ==")
# What arrived this long before a table's last merge may be compared with what that merge read.
BEFORE_LAST_MERGE = timedelta(days=1)


ValidChanges = Callable[[str], str]
"""From a condition on events to a query for `_key` and `_position` of those that are merged."""


@dataclass(frozen=True)
class Readers:
    """The models that read a change log, and what the merge takes of it."""

    valid_changes: ValidChanges
    merged_into: Sequence[str] = ()
    """Tables that it is merged into: `ods.ods_orders`."""
    history: Sequence[str] = ()
    """Models that need every change; while there is one, nothing of the log is removed."""


@dataclass(frozen=True)
class Outcome:
    """What was done to one log: the changes that were removed (or would be), and those that stay."""

    removed: int
    kept: int
    reason: str = ""
    """Why nothing was removed from a log that is kept whole."""


def remove_superseded(
    client: Client, logs: Mapping[str, Readers], days: int, now: datetime, *, is_rehearsal: bool = False
) -> dict[str, Outcome]:
    """Remove the superseded changes that arrived more than `days` before `now` from these logs of bronze.

    A rehearsal counts and removes nothing. Returns log -> outcome, for those of the logs that exist.
    """
    present = {name for (name,) in client.query(_LOGS, {"database": bronze.DATABASE}).result_rows}
    outcomes = {}
    for name in sorted(present & set(logs)):
        readers = logs[name]
        before = _before(client, readers, days, now)
        condition = "" if readers.history else superseded(readers.valid_changes, before)
        outcomes[name] = _remove(
            client, bronze.LogTable(bronze.DATABASE, name), condition, readers, is_rehearsal
        )
    return outcomes


def superseded(valid_changes: ValidChanges, before: datetime) -> str:
    """The condition for changes of a log that arrived before a time and that no merge needs."""
    is_whole = " and ".join(f"position(payload, '{text}') = 0" for text in PLACEHOLDERS)
    arrived = f"_ingested_at < toDateTime64('{before.astimezone(UTC):%Y-%m-%d %H:%M:%S}', 3, 'UTC')"
    is_old = f"_op in {_ROW_CHANGES} and {arrived}"
    return f"""{is_old} and (_key, _position) in (
        select changes._key, changes._position
        from ({valid_changes(is_old)}) as changes
        inner join (
            select _key, max(_position) as kept_from
            from ({valid_changes(f"_op in {_ROW_CHANGES} and {is_whole}")}) as whole_changes
            group by _key
        ) as whole on changes._key = whole._key
        where changes._position < whole.kept_from
    )"""  # noqa: S608 - our own conditions


def _remove(
    client: Client, log: bronze.LogTable, condition: str, readers: Readers, is_rehearsal: bool
) -> Outcome:
    rows = _count(client, log, "true")
    if not condition:
        return Outcome(0, rows, f"{', '.join(readers.history)} needs every change")
    removed = _count(client, log, condition)
    if removed and not is_rehearsal:
        # A mutation, which frees the space, and not marks that later merges have to heed.
        client.command(f"alter table {log} delete where {condition} settings mutations_sync = 2")
    return Outcome(removed, rows - removed)


def _before(client: Client, readers: Readers, days: int, now: datetime) -> datetime:
    """Before when a change must have arrived: `days` ago, and well before each merge that has read it."""
    limits = [now - timedelta(days=days)]
    is_known = client.query("exists table ops.dbt_models").result_rows[0][0]
    for model in readers.merged_into if is_known else ():
        [(loaded_at,)] = client.query(_LAST_MERGE, {"model": model}).result_rows
        limits.append(loaded_at.replace(tzinfo=UTC) - BEFORE_LAST_MERGE)
    return min(limits)


def _count(client: Client, log: bronze.LogTable, condition: str) -> int:
    return int(client.query(f"select count() from {log} where {condition}").result_rows[0][0])  # noqa: S608


_ROW_CHANGES = "('c', 'r', 'u', 'd')"
_LOGS = "select name from system.tables where database = {database:String}"
_LAST_MERGE = (
    "select coalesce(max(loaded_at), toDateTime64(0, 6, 'UTC')) from ops.dbt_models final "
    "where model = {model:String}"
)
