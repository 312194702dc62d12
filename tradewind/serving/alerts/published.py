"""`ops.alerts`: the alerts as readers of the warehouse see them, the API and BI tools among them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from tradewind.serving.alerts.lifecycle import Alert, State

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

TABLE = "ops.alerts"
COLUMNS = {
    "rule": ("text", "Name of the rule."),
    "subject": ("text", "What the alert is about; empty for a figure of the whole shop."),
    "severity": ("text", "info, warning or critical."),
    "state": ("text", "firing or resolved."),
    "value": ("double", "The value that broke the rule."),
    "usual": ("double", "What is usual at this time, where the rule asks for it."),
    "since": ("timestamptz", "When the condition was first seen to hold (UTC)."),
    "fired_at": ("timestamptz", "When it became an alert (UTC)."),
    "resolved_at": ("timestamptz", "When it was seen to be over (UTC)."),
    "acknowledged_by": ("text", "Who looks after it; empty if nobody does."),
    "updated_at": ("timestamptz", "When this was written (UTC)."),
}
"""Column -> its type, as contracts name it, and description."""
TYPES = {"text": "String", "double": "Nullable(Float64)", "timestamptz": "Nullable(DateTime64(6, 'UTC'))"}
KEPT_DAYS = 90
REPEATED = timedelta(minutes=1)
"""How often the value of an alert that goes on is written anew."""
_FIRING = f"select rule, subject from {TABLE} where state = 'firing'"  # noqa: S608 - our own name
_RESOLVE = f"""\
insert into {TABLE} ({", ".join(COLUMNS)})
select
    rule, subject, severity, 'resolved', value, usual, since, fired_at,
    now64(6, 'UTC'), acknowledged_by, now64(6, 'UTC')
from {TABLE}
where state = 'firing' and has(arrayZip({{rules:Array(String)}}, {{subjects:Array(String)}}), (rule, subject))
"""  # noqa: S608 - our own names

Key = tuple[str, str]
"""Rule and subject."""


def create_table() -> str:
    """The statement that creates the table if there is none."""
    columns = ",\n    ".join(
        f"{name} {TYPES[kind] if name != 'updated_at' else TYPES[kind][9:-1]} comment '{text}'"
        for name, (kind, text) in COLUMNS.items()
    )
    return (
        f"create table if not exists {TABLE} (\n    {columns}\n) "
        "engine = ReplacingMergeTree(updated_at) order by (rule, subject) "
        f"ttl toDateTime(updated_at) + interval {KEPT_DAYS} day"
    )


class Published:
    """Keeps the table equal to the alerts; a round in which nothing changes writes nothing."""

    def __init__(self, client: Client) -> None:
        """Read which alerts it shows as firing, since some may be over that an earlier process wrote."""
        self._client = client
        client.command(create_table())
        self._shown: dict[Key, tuple[tuple[object, ...], datetime]] = {
            (rule, subject): ((), datetime.min.replace(tzinfo=UTC))
            for rule, subject in client.query(_FIRING).result_rows
        }

    def write(self, alerts: Sequence[Alert]) -> int:
        """Show those that fire, and as resolved those that no longer do; how many rows were written."""
        now = datetime.now(UTC)
        firing = {(alert.rule, alert.subject): alert for alert in alerts if alert.state is State.FIRING}
        changed = [alert for key, alert in firing.items() if self._has_changed(key, alert, now)]
        if changed:
            rows = [_row(alert, now) for alert in changed]
            self._client.insert(TABLE, rows, column_names=list(COLUMNS))
        over = self._shown.keys() - firing.keys()
        if over:
            parameters = {"rules": [rule for rule, _ in over], "subjects": [subject for _, subject in over]}
            self._client.command(_RESOLVE, parameters=parameters)
        for alert in changed:
            self._shown[alert.rule, alert.subject] = (_content(alert), now)
        for key in over:
            del self._shown[key]
        return len(changed) + len(over)

    def _has_changed(self, key: Key, alert: Alert, now: datetime) -> bool:
        if key not in self._shown:
            return True
        content, written_at = self._shown[key]
        return content != _content(alert) or now - written_at >= REPEATED


def _content(alert: Alert) -> tuple[object, ...]:
    return (alert.severity, alert.acknowledged_by, alert.fired_at)


def _row(alert: Alert, now: datetime) -> list[object]:
    return [now if name == "updated_at" else getattr(alert, name) for name in COLUMNS]
