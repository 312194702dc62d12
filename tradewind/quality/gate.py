"""The gate between the change logs and ODS: what arrived is validated, and what fails is quarantined.

A look for new arrivals costs one query, so a build without any costs that alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tradewind.quality import arrivals, suite
from tradewind.quality.events import all_events
from tradewind.quality.logs import ChangeLog
from tradewind.quality.quarantine import Quarantine, QuarantinedEvent
from tradewind.settings import QualitySettings

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

SHOWN = 10


@dataclass(frozen=True)
class Outcome:
    """What the gate found."""

    validated: Sequence[ChangeLog] = ()
    """The logs with new events."""
    rules: Sequence[suite.RuleResult] = ()
    """What Great Expectations found in them; empty if nothing arrived."""
    quarantined: Mapping[str, int] = field(default_factory=dict)
    """Log -> events in quarantine that nobody has decided about."""
    examples: Mapping[str, Sequence[QuarantinedEvent]] = field(default_factory=dict)
    """Log -> the latest of them."""


def run(client: Client, warehouse_url: str, logs: Sequence[ChangeLog]) -> Outcome:
    """Validate what arrived since the last run; the same events always get the same outcome.

    Raises GateError where Great Expectations cannot validate, or disagrees with the rules by which ODS reads.
    """
    quarantine = Quarantine(client, logs)
    quarantine.create()
    client.command(arrivals.CREATE)
    found = arrivals.look(client, logs)
    windows = found.windows(logs)
    rules = _validate(client, warehouse_url, quarantine, all_events(windows)) if windows else []
    arrivals.note(client, found)
    counts = quarantine.counts()
    return Outcome(
        validated=[log for log, _ in windows],
        rules=rules,
        quarantined=counts,
        examples={log: quarantine.list(log, limit=SHOWN) for log in counts},
    )


def stops_build(client: Client, log: ChangeLog, outcome: Outcome, limits: QualitySettings) -> bool:
    """Whether more of a log's events are in quarantine than both limits allow: no odd row, a fault."""
    count = outcome.quarantined.get(log.name, 0)
    if count <= limits.tradewind_quarantine_max_events:
        return False
    events = client.query(f"select count() from {log.relation}").result_rows[0][0]  # noqa: S608
    return count > limits.tradewind_quarantine_max_rate * int(events)


def _validate(
    client: Client, warehouse_url: str, quarantine: Quarantine, events: str
) -> list[suite.RuleResult]:
    client.command(f"drop table if exists {suite.BATCH}")
    client.command(suite.create_batch(events))
    results = suite.validate(warehouse_url)
    failed = {result.rule: result.failed for result in results if result.failed}
    if not all(result.success == (result.failed == 0) for result in results):
        raise suite.GateError(f"Great Expectations failed a rule without naming an event: {results}")
    if failed:
        rows = client.query(
            f"select rule, count() from {suite.BATCH} where rule != '' group by rule"  # noqa: S608
        ).result_rows
        counted = {str(rule): int(count) for rule, count in rows}
        if counted != failed:
            raise suite.GateError(f"Great Expectations names {failed}, the rules of ODS {counted}")
        quarantine.add(suite.BATCH)
    client.command(f"drop table {suite.BATCH}")
    return results
