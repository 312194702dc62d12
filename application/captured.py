"""Waiting until the change log holds what the source has committed, however this home captures."""

from __future__ import annotations

from tradewind.settings import Settings


def wait_until_captured(settings: Settings, timeout_seconds: float = 60) -> float:
    """Wait until bronze holds all that is committed now; the seconds it took.

    Raises CaptureError or KafkaError when nothing moves for the time-out.
    """
    if settings.kafka_url is None:
        from connectors.bronze import progress

        return progress.wait_until_captured(
            settings.database_url, settings.clickhouse_writer_url, timeout_seconds
        )
    from application.connectors import Connectors

    route = Connectors(settings).route()
    return route.wait(settings.database_url, settings.database_replication_url, timeout_seconds)


def capture_step(settings: Settings) -> str:
    """The step of `up` after which changes are captured."""
    return "capture" if settings.kafka_url is None else "connectors"
