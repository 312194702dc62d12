"""The platform's readings as Prometheus takes them: one family of samples per figure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields
from typing import TypeVar

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from tradewind.serving.alerts.lifecycle import State
from tradewind.serving.alerts.rules import Severity
from tradewind.serving.api.platform import Figures

PREFIX = "tradewind"
ALERTS: dict[tuple[str, str], int] = {
    (severity.value, state.value): 0 for severity in Severity for state in (State.FIRING, State.RESOLVED)
}
"""What is shown where there is none: a figure that is absent is unknown."""
CHECKS = dict.fromkeys(("pass", "warn", "fail", "error", "skipped"), 0)
Labels = TypeVar("Labels", bound=tuple[str, ...])
Family = CounterMetricFamily | GaugeMetricFamily


class PlatformCollector(Collector):
    """The samples of the newest readings."""

    def __init__(self, newest: Callable[[], Figures]) -> None:
        self._newest = newest

    def collect(self) -> Iterator[Family]:
        """All families; those without a reading have no samples."""
        figures = self._newest()
        yield _gauge(
            "reading_success",
            "Whether a reading of the platform succeeded.",
            ("reading",),
            {(field.name,): getattr(figures, field.name) is not None for field in fields(figures)},
        )
        yield from _marts(figures)
        yield from _alerts(figures)
        yield from _services(figures)
        yield from _captures(figures)


def _marts(figures: Figures) -> Iterator[Family]:
    marts = figures.marts or {}
    yield _gauge(
        "mart_behind_seconds",
        "How far a near-real-time mart is behind the source.",
        ("mart",),
        {(name,): mart.seconds_behind for name, mart in marts.items() if mart.seconds_behind is not None},
    )
    yield _gauge(
        "mart_stale",
        "Whether a near-real-time mart is too far behind.",
        ("mart",),
        {(name,): mart.is_stale for name, mart in marts.items()},
    )


def _alerts(figures: Figures) -> Iterator[Family]:
    alerts, checks = figures.alerts, figures.checks
    yield _gauge(
        "alerts",
        "Alerts on the shop's figures, by severity and state.",
        ("severity", "state"),
        {} if alerts is None else ALERTS | dict(alerts),
    )
    yield _gauge(
        "alert_messages_waiting",
        "Messages of alerts that their receiver has not taken.",
        ("receiver",),
        {(receiver,): count for receiver, count in (figures.waiting_messages or {}).items()},
    )
    yield _gauge(
        "checks",
        "Checks of the warehouse's tables, by their latest result.",
        ("status",),
        {} if checks is None else {(status,): count for status, count in (CHECKS | dict(checks)).items()},
    )


def _services(figures: Figures) -> Iterator[Family]:
    services = figures.services or ()
    yield _gauge(
        "service_up",
        "Whether a supervised service runs.",
        ("service",),
        {(service.name,): service.is_up for service in services},
    )
    yield _gauge(
        "service_start_time_seconds",
        "When a supervised service's process last started, in seconds since 1970.",
        ("service",),
        {(service.name,): service.started_at for service in services},
    )


def _captures(figures: Figures) -> Iterator[Family]:
    for capture in figures.captures or ():
        yield CounterMetricFamily(
            f"{PREFIX}_capture_rows",
            "Rows that the capture has written to bronze since its process started.",
            value=capture.rows_written,
        )
        if capture.lag_seconds is not None:
            yield _gauge(
                "capture_lag_seconds",
                "From the commit of the newest change in bronze until it was there.",
                (),
                {(): capture.lag_seconds},
            )


def _gauge(
    name: str, text: str, labels: tuple[str, ...], samples: Mapping[Labels, float]
) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"{PREFIX}_{name}", text, labels=labels)
    for values, value in samples.items():
        family.add_metric(values, float(value))
    return family
