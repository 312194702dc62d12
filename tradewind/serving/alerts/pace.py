"""When rules are evaluated: at once where something may have changed, seldom where nothing has."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from tradewind.serving.alerts.lifecycle import Alert, State

SETTLING = timedelta(seconds=30)
"""Near-real-time states take in a change within these seconds, in more than one step."""
AT_REST = timedelta(minutes=2)
"""How often rules are evaluated while nothing changes but the time."""


@dataclass(frozen=True)
class Activity:
    """What tells of changes, at the cost of one small query."""

    heartbeat_at: datetime | None
    """The newest commit of the capture's heartbeat: while that stands still, something is wrong."""
    rows: int
    """Of all tables that marts of alerts are made from."""


ACTIVITY = """\
select
    (select max(_changed_at) from ops.heartbeat) as heartbeat_at,
    (
        select coalesce(sum(rows), 0) from system.parts
        where active and (database in ('bronze', 'ml') or (database = 'ops' and table = 'check_results'))
    ) as rows"""
"""Asked as the pipeline's user. A merge may change the number of rows as well, which does no harm."""


class Pace:
    """Remembers what was seen in earlier rounds."""

    def __init__(self) -> None:
        self._activity: Activity | None = None
        self._changed_at = self._evaluated_at = datetime.min.replace(tzinfo=UTC)

    def is_due(self, now: datetime, activity: Activity | None, alerts: Iterable[Alert]) -> bool:
        """Whether rules should be evaluated at a moment; `activity` is None if the warehouse did not tell.

        `alerts`: those that are open. One that is pending, or was not seen lately, waits for its next state.
        """
        before, self._activity = self._activity, activity
        if before is None or activity is None or activity.rows != before.rows:
            self._changed_at = now
        stands_still = (
            activity is not None and before is not None and activity.heartbeat_at == before.heartbeat_at
        )
        waits = any(alert.state is State.PENDING or alert.last_seen < self._evaluated_at for alert in alerts)
        is_due = (
            stands_still or waits or now - self._changed_at < SETTLING or now - self._evaluated_at >= AT_REST
        )
        if is_due:
            self._evaluated_at = now
        return is_due
