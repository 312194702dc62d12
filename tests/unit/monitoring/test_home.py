"""What the API reads of its home for Prometheus, from files as their writers leave them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from application import alerts, api
from connectors.embedded.status import CaptureStatus
from tradewind.serving.api.platform import CaptureState


def test_messages_that_wait_are_counted_by_receiver(tmp_path: Path) -> None:
    store = alerts.store(tmp_path)
    now = datetime.now(UTC)
    for _ in range(2):
        store.queue({"rule": "test"}, ["slack", "webhook"], now)
    delivery = store.due("slack", now)
    assert delivery
    store.settle(delivery, "taken")
    assert api.waiting_messages(tmp_path) == {"slack": 1, "webhook": 2}


def test_the_captures_own_figures_are_read(tmp_path: Path) -> None:
    (tmp_path / "capture").mkdir()
    CaptureStatus("streaming", 1, 0.0, rows_written=7, lag_seconds=0.5).write(tmp_path / "capture")
    assert api.captures(tmp_path) == [CaptureState(7, 0.5)]


def test_a_home_without_services_of_its_own_has_no_figures_and_gets_no_file(tmp_path: Path) -> None:
    assert api.service_states(tmp_path, ()) == []
    assert api.waiting_messages(tmp_path) == {}
    assert api.captures(tmp_path) == []
    assert list(tmp_path.iterdir()) == []
