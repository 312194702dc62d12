"""The platform's readings as Prometheus takes them."""

from __future__ import annotations

import asyncio
import threading
import time
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from tradewind.serving.api import platform
from tradewind.serving.api.exposition import PlatformCollector
from tradewind.serving.api.freshness import MartState, State
from tradewind.serving.api.platform import CaptureState, Figures, Home, Platform, ServiceState
from tradewind.serving.api.problems import Problem

Samples = dict[tuple[str, tuple[str, ...]], float]
NOW = datetime(2026, 3, 1, tzinfo=UTC)


def samples(figures: Figures) -> Samples:
    registry = CollectorRegistry()
    registry.register(PlatformCollector(lambda: figures))
    text = generate_latest(registry).decode()
    return {
        (sample.name.removeprefix("tradewind_"), tuple(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_every_figure_is_exposed_with_its_labels() -> None:
    found = samples(
        Figures(
            marts={"v_live_kpi": MartState(NOW, 1.5, False), "rt_live_orders": MartState(None, None, True)},
            alerts={("critical", "firing"): 2},
            checks={"pass": 300, "fail": 1},
            services=[ServiceState("warehouse", True, 100.0), ServiceState("alerts", False, 200.0)],
            waiting_messages={"slack": 3},
            captures=[CaptureState(70, 0.25)],
        )
    )
    expected = {
        ("mart_behind_seconds", ("v_live_kpi",)): 1.5,
        ("mart_stale", ("v_live_kpi",)): 0,
        ("mart_stale", ("rt_live_orders",)): 1,
        ("alerts", ("critical", "firing")): 2,
        ("alerts", ("info", "resolved")): 0,
        ("checks", ("pass",)): 300,
        ("checks", ("error",)): 0,
        ("service_up", ("alerts",)): 0,
        ("service_start_time_seconds", ("warehouse",)): 100,
        ("alert_messages_waiting", ("slack",)): 3,
        ("capture_rows_total", ()): 70,
        ("capture_lag_seconds", ()): 0.25,
        ("reading_success", ("marts",)): 1,
    }
    assert expected.items() <= found.items()
    assert ("mart_behind_seconds", ("rt_live_orders",)) not in found


def test_what_could_not_be_read_is_absent_and_not_zero() -> None:
    found = samples(Figures())
    assert {name for name, _ in found} == {"reading_success"}
    assert set(found.values()) == {0} and len(found) == 6


class Answers:
    """A warehouse and its freshness, for what is asked of them here."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error, self.asked = error, 0

    async def query(self, sql: str, parameters: Any = None, absent: Any = None) -> list[dict[str, Any]]:
        self.asked += 1
        if self.error:
            raise self.error
        return [{"status": "fail", "checks": 1, "severity": "info", "state": "firing", "alerts": 4}]

    async def current(self) -> State:
        return State({}, None, True, None, "the warehouse does not answer" if self.error else None)


def read(answers: Answers, home: Home, times: int = 1) -> Figures:
    async def renew() -> Figures:
        found = Platform(answers, answers, home)  # type: ignore[arg-type]
        for _ in range(times):
            await found.renew()
        return found.figures

    return asyncio.run(renew())


HOME = Home(lambda: (), dict, lambda: ())


def test_readings_of_a_moment_ago_are_served_again() -> None:
    answers = Answers()
    assert read(answers, HOME, times=3).checks == {"fail": 1}
    assert answers.asked == 2


def test_a_table_that_is_not_made_yet_has_no_rows() -> None:
    found = read(Answers(Problem(HTTPStatus.NOT_FOUND, "nothing is known yet")), HOME)
    assert (found.alerts, found.checks) == ({}, {})


@pytest.mark.parametrize("error", [Problem(HTTPStatus.SERVICE_UNAVAILABLE, "away"), OSError("away")])
def test_one_reading_that_fails_hides_no_other(error: Exception) -> None:
    services = [ServiceState("warehouse", False, 1.0)]
    found = read(Answers(error), Home(lambda: services, dict, lambda: ()))
    assert found == Figures(services=services, waiting_messages={}, captures=())


def test_a_reading_that_hangs_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "PATIENCE_SECONDS", 0.05)
    released = threading.Event()

    def hang() -> list[ServiceState]:
        released.wait(10)
        return []

    started = time.monotonic()

    async def renew() -> Figures:
        found = Platform(Answers(), Answers(), Home(hang, dict, lambda: ()))  # type: ignore[arg-type]
        await found.renew()
        released.set()
        return found.figures

    found = asyncio.run(renew())
    assert time.monotonic() - started < 5
    assert found.services is None and found.checks == {"fail": 1}
