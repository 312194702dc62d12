"""Moving the platform's own change logs out of `bronze`, where older versions kept them with the shop's.

Feeds move to `feeds`, the heartbeat and the signals to `ops`. A shop's table of such a name shared the log
with the platform's: its events stay in `bronze`. Repeating it, also after an interruption, is safe.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tradewind.source.naming import PLATFORM_SCHEMA
from tradewind.warehouse import bronze, captured_tables, feeds
from tradewind.warehouse.bronze import LogTable

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

_SOURCE = "JSONExtractString(ifNull(payload, ''), 'source', '{field}') = '{value}'"
_OF_FEED = _SOURCE.format(field="connector", value="feed")
_OF_PLATFORM = _SOURCE.format(field="schema", value=PLATFORM_SCHEMA)
_FORMER_FEED_PREFIX = "feed_"
_FORMER_FEEDS = ("geography", "economic_indicators", "ip_reputation", "device_reputation")
_COPIED = ", ".join([*bronze.WRITTEN_COLUMNS, "_op", "_position", "_changed_at", "_ingested_at"])


def move_platform_logs(client: Client) -> None:
    """Move what older versions kept in `bronze`; needs the rights of an administrator."""
    for feed in _FORMER_FEEDS:
        _move(client, LogTable(bronze.DATABASE, _FORMER_FEED_PREFIX + feed), feeds.log_of(feed), _OF_FEED)
    for name in (bronze.MARKER_TABLE, bronze.SIGNAL_TABLE):
        target = LogTable(bronze.PLATFORM_DATABASE, name)
        _move(client, LogTable(bronze.DATABASE, name), target, _OF_PLATFORM)


def _move(client: Client, old: LogTable, new: LogTable, condition: str) -> None:
    if not _exists(client, old):
        return
    moving, staying = _counts(client, old, condition)
    if not moving and (staying or _is_registered(client, old)):
        return
    if moving and not staying and not _exists(client, new):
        client.command(f"rename table {old} to {new}")
        return
    if moving:
        client.command(bronze.create_table(new))
        client.command(f"insert into {new} ({_COPIED}) select {_COPIED} from {old} where {condition}")  # noqa: S608
    if staying:
        client.command(f"alter table {old} delete where {condition} settings mutations_sync = 1")
    else:
        client.command(f"drop table {old} sync")


def _exists(client: Client, log: LogTable) -> bool:
    return bool(int(str(client.command(f"exists table {log}"))))


def _is_registered(client: Client, log: LogTable) -> bool:
    """Whether the log belongs to a table of the shop."""
    return log.name in {row.log_name for row in captured_tables.read(client).values()}


def _counts(client: Client, log: LogTable, condition: str) -> tuple[int, int]:
    """The number of events that meet the condition, and of the others."""
    query = f"select countIf({condition}), countIf(not ({condition})) from {log}"  # noqa: S608 - our own names
    moving, staying = client.query(query).result_rows[0]
    return int(moving), int(staying)
