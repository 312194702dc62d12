"""Looking up the reputation of visitors' IP addresses and devices, and storing the answers in the change log.

Addresses and devices come from the captured clickstream and orders. A run reads the events that arrived since
the last run, plus an overlap for inserts that became visible late, and looks up those that were never looked
up or whose answer is too old. Answers are written in batches and the run's watermark only after the last one,
so a run that was killed is repeated and looks nothing up twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING

from connectors.feeds.catalog import DEVICE_REPUTATION, IP_REPUTATION
from connectors.feeds.change_log import Change, ChangeLog, Delivery, Row
from connectors.feeds.declaration import Feed
from connectors.feeds.reputation import BATCH, DeviceReputation, IpReputation, ReputationClient
from tradewind.warehouse import feeds

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

Answer = IpReputation | DeviceReputation

OVERLAP = timedelta(minutes=10)
MAX_AGE = timedelta(days=7)
"""An answer that is older than this is looked up again when its subject is seen again."""

_WATERMARKS = """
create table if not exists ops.feed_watermarks (
    feed String comment 'The feed',
    read_until DateTime64(3, 'UTC') comment 'Events that arrived before this have been read'
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
    from {table}
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
    """One kind of lookup: its feed, how to ask the service, and which columns an answer gives."""

    feed: Feed
    ask: Callable[[ReputationClient, Sequence[str]], Iterator[Answer]]
    row: Callable[[Answer], Row]

    @property
    def column(self) -> str:
        """The column of the clickstream and of the feed that names the subject."""
        return self.feed.key[0]


@dataclass(frozen=True)
class Enrichment:
    """The counts of one run for one feed."""

    asked: int
    landed: int
    unknown: int
    """Subjects that the service has no answer for, such as malformed ones; no row is written for them."""


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


IPS = Subject(IP_REPUTATION, ReputationClient.ips, _ip_row)
DEVICES = Subject(DEVICE_REPUTATION, ReputationClient.devices, _device_row)
SUBJECTS = (IPS, DEVICES)


def enrich(
    client: Client,
    service: ReputationClient,
    subject: Subject,
    *,
    max_age: timedelta = MAX_AGE,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Enrichment:
    """Look up the subjects that are due and store the answers; FeedError if the service does not answer."""
    client.command(_WATERMARKS)
    until = datetime.now(UTC)
    due = _due(client, subject, until, max_age)
    log = ChangeLog(client, subject.feed.name, subject.feed.key)
    landed = unknown = 0
    for answers in _batches(subject.ask(service, due)):
        known = [answer for answer in answers if answer.error is None]
        if known:
            accepted_at = log.next_time()
            changes = [
                Change("c", {**subject.row(answer), **_common_columns(answer, accepted_at)})
                for answer in known
            ]
            log.append(Delivery(changes, {"service": "reputation"}, accepted_at))
        landed += len(known)
        unknown += len(answers) - len(known)
        progress(landed + unknown, len(due))
    client.insert("feed_watermarks", [(subject.feed.name, until)], ["feed", "read_until"], database="ops")
    return Enrichment(len(due), landed, unknown)


def _due(client: Client, subject: Subject, until: datetime, max_age: timedelta) -> list[str]:
    """The subjects to look up."""
    newest = (
        "select toUnixTimestamp64Milli(max(read_until)) from ops.feed_watermarks where feed = {feed:String}"
    )
    last = client.query(newest, parameters={"feed": subject.feed.name}).result_rows[0][0] or 0
    parameters = {
        "column": subject.column,
        "since": max(0, last - _millis(OVERLAP)),
        "until": int(until.timestamp() * 1000),
        "stale": int((until - max_age).timestamp() * 1000),
    }
    query = _DUE.format(table=feeds.log_of(subject.feed.name))
    return [str(found) for (found,) in client.query(query, parameters=parameters).result_rows]


def _common_columns(answer: Answer, accepted_at: datetime) -> Row:
    """The columns that every answer has."""
    return {
        "previous_incident_count": answer.previous_incidents,
        "risk_score": f"{answer.risk_score:.4f}" if answer.risk_score is not None else None,
        "looked_up_at": accepted_at.isoformat().replace("+00:00", "Z"),
    }


def _batches(answers: Iterable[Answer]) -> Iterator[list[Answer]]:
    remaining = iter(answers)
    while batch := list(islice(remaining, BATCH)):
        yield batch


def _millis(duration: timedelta) -> int:
    return int(duration.total_seconds() * 1000)
