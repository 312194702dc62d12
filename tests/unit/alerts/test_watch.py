"""A round of the service: what one rule or one query does must not touch the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from tradewind.serving.alerts import rules
from tradewind.serving.alerts.pace import Activity
from tradewind.serving.alerts.store import Store
from tradewind.serving.alerts.watch import Watch

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_a_rule_whose_answer_makes_no_sense_is_said_and_stops_no_other(tmp_path: Path) -> None:
    def query(sql: str, parameters: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
        if "rt_stock_alerts" in sql:
            raise KeyError
        return [{"subject_0": 7, "value": 31.0}] if "rt_stuck_orders" in sql else []

    watched = [rule for rule in rules.read() if rule.name in ("stock_is_below_safety", "order_is_stuck")]
    store = Store(tmp_path / "alerts.sqlite")
    watch = Watch(watched, query, store, (), ZoneInfo("UTC"), lambda: Activity(NOW, 1), lambda alerts: None)
    watch.round(NOW)
    assert store.unknown() == {"stock_is_below_safety": "KeyError"}
    assert [(alert.rule, alert.subject) for alert in store.open_alerts()] == [("order_is_stuck", "7")]
