"""What watches the API: figures for Prometheus, and a log of who asked for what."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

PREFIX = "tradewind_api"
BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)
AUDITED = ("/api/v1/", "/login", "/ws/")
AUDIT_BYTES, AUDIT_FILES = 20 << 20, 5
"""The log's file is replaced at this size; so many old ones are kept."""


class Readings(Collector):
    """Figures that are read when Prometheus asks."""

    def __init__(
        self, counters: dict[str, Callable[[], float]], gauges: dict[str, Callable[[], float]]
    ) -> None:
        """Each by its description, of the form `name: text`."""
        self._counters, self._gauges = counters, gauges

    def collect(self) -> Iterator[CounterMetricFamily | GaugeMetricFamily]:
        """Their values now."""
        for kind, readings in ((CounterMetricFamily, self._counters), (GaugeMetricFamily, self._gauges)):
            for described, read in readings.items():
                name, text = described.split(": ", 1)
                yield kind(f"{PREFIX}_{name}", text, value=read())


class Requests:
    """Counts and times every request by its route, for Prometheus."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._answered = Counter(
            f"{PREFIX}_requests", "Requests answered.", ["path", "status"], registry=registry
        )
        self._seconds = Histogram(
            f"{PREFIX}_request_seconds",
            "Seconds until the answer.",
            ["path"],
            registry=registry,
            buckets=BUCKETS,
        )

    def count(self, path: str, status: int, seconds: float) -> None:
        """One more request."""
        self._answered.labels(path, status).inc()
        self._seconds.labels(path).observe(seconds)


class Audit:
    """The log of requests for data: a line of JSON each, in files that only their owner can read."""

    def __init__(self, path: Path) -> None:
        path.touch(mode=0o600)
        handler = RotatingFileHandler(path, maxBytes=AUDIT_BYTES, backupCount=AUDIT_FILES, delay=True)
        handler.setFormatter(logging.Formatter("%(message)s"))
        self._log = logging.Logger("audit")
        self._log.addHandler(handler)

    def write(self, scope: Scope, status: int, seconds: float) -> None:
        """A request's key, address, question and outcome. A login's token is left out."""
        is_login = scope["path"].startswith("/login")
        line = {
            "at": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "key": scope.get("state", {}).get("key_id"),
            "client": (scope.get("client") or ("",))[0],
            "path": scope["path"],
            "query": "" if is_login else scope["query_string"].decode("latin-1"),
            "status": status,
            "ms": round(seconds * 1000, 1),
        }
        self._log.info(json.dumps(line))


class Monitoring:
    """Middleware around the application: every request is counted, those for data are logged too."""

    def __init__(self, app: ASGIApp, requests: Requests, audit: Audit) -> None:
        self._app, self._requests, self._audit = app, requests, audit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and watch its answer."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        scope.setdefault("state", {})
        started, status = time.perf_counter(), 0

        async def watch(message: Message) -> None:
            nonlocal status
            kind = message["type"]
            if kind == "http.response.start":
                status = message["status"]
            elif kind == "websocket.accept":
                status = 101
            elif kind == "websocket.close":
                status = message.get("code", 1000)
            await send(message)

        try:
            await self._app(scope, receive, watch)
        finally:
            self._done(scope, status or 500, time.perf_counter() - started)

    def _done(self, scope: Scope, status: int, seconds: float) -> None:
        if scope["type"] == "http":
            route = getattr(scope.get("route"), "path", "other")
            self._requests.count(route, status, seconds)
        if scope["path"].startswith(AUDITED):
            self._audit.write(scope, status, seconds)
