"""The addresses and devices that visitors came with, asked about and landed in bronze.

They come from the captured clickstream and orders. A run looks at what arrived since the last one, less an
overlap for inserts that became visible late, and asks about those that were never asked about, or too long
ago. Answers are written a batch at a time and only then is the run noted, so a run that dies is repeated and
asks for nothing twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING

from connectors.feeds.change_log import Change, ChangeLog, Delivery, Row
from connectors.feeds.reputation import BATCH, DeviceReputation, IpReputation, ReputationClient
from tradewind.warehouse.feeds import table_of

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

Answer = IpReputation | DeviceReputation

OVERLAP = timedelta(minutes=10)
MAX_AGE = timedelta(days=7)
"""Who is seen again is asked about again after this."""

_WATERMARKS = """
create table if not exists ops.feed_watermarks (
    feed String comment 'The feed',
    read_until DateTime64(3, 'UTC') comment 'What arrived before this has been looked at'
) engine = ReplacingMergeTree(read_until) order by feed
"""
_DUE = """
with arrived as (
    select payload, _ingested_at from bronze.user_events
    union all
    select payload, _ingested_at from bronze.orders
),

seen as (
    select distinct JSONExtractString(ifNull(payload, ''), 'after', {{column:String}}) as subject
    from arrived
    where _ingested_at >= fromUnixTimestamp64Milli({{since:Int64}}, 'UTC')
        and _ingested_at < fromUnixTimestamp64Milli({{until:Int64}}, 'UTC')
),

fresh as (
    select JSONExtractString(ifNull(payload, ''), 'after', {{column:String}}) as subject
    from bronze.`{table}`
    group by subject
    having max(_changed_at) > fromUnixTimestamp64Milli({{stale:Int64}}, 'UTC')
)

select subject
from seen
where subject != '' and subject not in (select subject from fresh)
order by subject
"""


@dataclass(frozen=True)
class Subject:
    """What is asked about: its feed, the column that names it, how to ask, and what is kept of an answer."""

    feed: str
    column: str
    ask: Callable[[ReputationClient, Sequence[str]], Iterator[Answer]]
    row: Callable[[Answer], Row]


@dataclass(frozen=True)
class Enrichment:
    """What a run did for one feed."""

    asked: int
    landed: int
    unknown: int
    """Those that the service can say nothing about, such as malformed ones; they are not landed."""


def _ip_row(answer: Answer) -> Row:
    assert isinstance(answer, IpReputation)
    return {
        "ip_address": answer.ip,
        "country": answer.country,
        "network_kind": answer.kind,
        "is_vpn": answer.is_vpn,
        "is_tor": answer.is_tor,
    }


def _device_row(answer: Answer) -> Row:
    assert isinstance(answer, DeviceReputation)
    return {
        "device_fingerprint": answer.device_fingerprint,
        "device_kind": answer.kind,
        "is_emulator": answer.is_emulator,
        "is_automated": answer.is_automated,
    }


IPS = Subject("ip_reputation", "ip_address", ReputationClient.ips, _ip_row)
DEVICES = Subject("device_reputation", "device_fingerprint", ReputationClient.devices, _device_row)
SUBJECTS = (IPS, DEVICES)


def enrich(
    client: Client,
    service: ReputationClient,
    subject: Subject,
    *,
    max_age: timedelta = MAX_AGE,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Enrichment:
    """Ask about those of a kind that are due and land the answers. FeedError if the service stays away."""
    client.command(_WATERMARKS)
    until = datetime.now(UTC)
    due = _due(client, subject, until, max_age)
    log = ChangeLog(client, subject.feed, (subject.column,))
    landed = unknown = 0
    for answers in _batches(subject.ask(service, due)):
        known = [answer for answer in answers if answer.error is None]
        if known:
            moment = log.moment()
            changes = [Change("c", {**subject.row(answer), **_common(answer, moment)}) for answer in known]
            log.append(Delivery(changes, {"service": "reputation"}, moment))
        landed += len(known)
        unknown += len(answers) - len(known)
        progress(landed + unknown, len(due))
    client.insert("feed_watermarks", [(subject.feed, until)], ["feed", "read_until"], database="ops")
    return Enrichment(len(due), landed, unknown)


def _due(client: Client, subject: Subject, until: datetime, max_age: timedelta) -> list[str]:
    """Those to ask about."""
    newest = (
        "select toUnixTimestamp64Milli(max(read_until)) from ops.feed_watermarks where feed = {feed:String}"
    )
    last = client.query(newest, parameters={"feed": subject.feed}).result_rows[0][0] or 0
    parameters = {
        "column": subject.column,
        "since": max(0, last - _millis(OVERLAP)),
        "until": int(until.timestamp() * 1000),
        "stale": int((until - max_age).timestamp() * 1000),
    }
    query = _DUE.format(table=table_of(subject.feed))
    return [str(found) for (found,) in client.query(query, parameters=parameters).result_rows]


def _common(answer: Answer, moment: datetime) -> Row:
    """What every answer has."""
    return {
        "previous_incident_count": answer.previous_incidents,
        "risk_score": f"{answer.risk_score:.4f}" if answer.risk_score is not None else None,
        "looked_up_at": moment.isoformat().replace("+00:00", "Z"),
    }


def _batches(answers: Iterable[Answer]) -> Iterator[list[Answer]]:
    remaining = iter(answers)
    while batch := list(islice(remaining, BATCH)):
        yield batch


def _millis(duration: timedelta) -> int:
    return int(duration.total_seconds() * 1000)
