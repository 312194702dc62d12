"""The application: what it is made from, its parts, and the tasks that run while it serves."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.middleware.cors import CORSMiddleware
from prometheus_client import CollectorRegistry
from starlette.middleware.gzip import GZipMiddleware

from tradewind.serving.alerts import published
from tradewind.serving.api import problems
from tradewind.serving.api.access import SCHEME, Access
from tradewind.serving.api.answers import TableReader
from tradewind.serving.api.cache import Cache
from tradewind.serving.api.contracts import Contract
from tradewind.serving.api.dashboard import add_dashboard
from tradewind.serving.api.exposition import PlatformCollector
from tradewind.serving.api.freshness import Freshness
from tradewind.serving.api.live import ChangedFigures, ChangedRows, Feed, LiveMart
from tradewind.serving.api.login import add_login
from tradewind.serving.api.metrics import Metrics
from tradewind.serving.api.monitoring import Audit, Monitoring, Readings, Requests
from tradewind.serving.api.operation import add_operation
from tradewind.serving.api.platform import Home, Platform
from tradewind.serving.api.recommendations import Recommender
from tradewind.serving.api.routes import (
    Answering,
    add_live,
    add_metrics,
    add_recommendations,
    add_session,
    add_table,
)
from tradewind.serving.api.table import Table
from tradewind.serving.api.tables import TABLES
from tradewind.serving.api.warehouse import Warehouse
from tradewind.stack.api_keys import Keys
from tradewind.stack.login_links import LoginLinks
from tradewind.warehouse import check_results

ORDERS = "select order_id, ordered_at, city, channel, status, total_amount from rt.rt_live_orders"
KPI = "select * from rt.v_live_kpi"
CLOCKS = frozenset({"as_of", "newest_commit_at", "seconds_behind"})
ORDER_SECONDS, KPI_SECONDS = 0.25, 2.0
SMALLEST_COMPRESSED = 1024
DESCRIPTION = """\
Every figure is read from a mart or from the metric registry. Amounts are text with all their digits, in the \
currency that the answer names; times are in UTC; rates are fractions from 0 to 1.

An answer says as of when it holds and whether it is stale. Ask for an unchanged one by its ETag in \
If-None-Match. Lists come in pages: ask again with next_cursor as cursor. Errors are problem details \
(RFC 9457).

Live feeds: the WebSockets /ws/live-orders and /ws/live-kpi. Each message has a position; connect with \
?after=<position> to go on from there."""


@dataclass(frozen=True)
class Sources:
    """What the application is made from."""

    warehouse: Warehouse
    keys: Keys
    links: LoginLinks
    manifest: Mapping[str, Any]
    """dbt's manifest, whose contracts are the types of the answers."""
    metrics: Metrics
    time_zone: str
    audit: Path
    """The file of the log of requests."""
    dashboard: Path
    """The folder of the dashboard's built files; it need not exist."""
    home: Home
    """What Prometheus is told of the home besides."""
    requests_per_minute: int
    """How many requests a key may send in a minute."""
    origins: tuple[str, ...] = ()
    """Web sites whose pages may ask (CORS)."""


def create_app(sources: Sources) -> FastAPI:
    """The application, whose tasks run while it serves."""
    freshness, cache = Freshness(sources.warehouse), Cache()
    feeds = {
        "/ws/live-orders": Feed(
            LiveMart(sources.warehouse, ORDERS), ORDER_SECONDS, ChangedRows("order_id", "order")
        ),
        "/ws/live-kpi": Feed(
            LiveMart(sources.warehouse, KPI), KPI_SECONDS, ChangedFigures("kpi", CLOCKS), True
        ),
    }
    registry = _registry(cache, feeds, freshness)
    platform = Platform(sources.warehouse, freshness, sources.home)
    registry.register(PlatformCollector(lambda: platform.figures))
    app = FastAPI(
        title="Tradewind",
        summary="Marts, metrics and live figures of the shop.",
        description=DESCRIPTION,
        version="1",
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/openapi.json",
        responses=problems.DOCUMENTED,
        lifespan=_lifespan(sources.warehouse, feeds),
    )
    problems.install(app)
    app.add_middleware(GZipMiddleware, minimum_size=SMALLEST_COMPRESSED)
    if sources.origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=sources.origins,
            allow_headers=["Authorization", "If-None-Match"],
            expose_headers=["ETag", "RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset"],
        )
    app.add_middleware(Monitoring, requests=Requests(registry), audit=Audit(sources.audit))
    answering = Answering(
        access=Access(sources.keys, sources.requests_per_minute),
        freshness=freshness,
        cache=cache,
        time_zone=sources.time_zone,
    )
    router = APIRouter(prefix="/api/v1")
    for table in TABLES:
        reader = TableReader(table, _contract(sources, table), sources.time_zone)
        add_table(router, answering, reader, sources.warehouse)
    add_metrics(router, answering, sources.metrics)
    add_recommendations(router, answering, Recommender(sources.warehouse, sources.time_zone))
    add_session(router, answering)
    app.include_router(router)
    add_live(app, answering.access, feeds)
    add_login(app, sources.links, sources.keys)
    add_operation(app, freshness, platform, registry)
    _describe_access(app)
    add_dashboard(app, sources.dashboard)
    return app


def _contract(sources: Sources, table: Table) -> Contract:
    if table.relation == check_results.TABLE:
        return Contract.of_checks()
    if table.relation == published.TABLE:
        return Contract.of_alerts()
    if table.prediction is None:
        found = Contract.of_mart(sources.manifest, table.name)
    else:
        found = Contract.of_output(table.prediction.output)
    for names in table.names:
        mart = Contract.of_mart(sources.manifest, names.mart.partition(".")[2])
        found = found.with_columns(mart, names.columns)
    return found


def _registry(cache: Cache, feeds: Mapping[str, Feed], freshness: Freshness) -> CollectorRegistry:
    """Prometheus' figures of this process."""
    registry = CollectorRegistry()
    registry.register(
        Readings(
            counters={
                "cache_hits: Answers from the cache.": lambda: cache.hits,
                "cache_misses: Answers computed.": lambda: cache.misses,
                "live_messages: Messages of the live feeds.": lambda: sum(
                    feed.messages for feed in feeds.values()
                ),
                "live_dropped_clients: Clients of the live feeds that did not keep up.": lambda: sum(
                    feed.dropped for feed in feeds.values()
                ),
            },
            gauges={
                "live_clients: Clients of the live feeds.": lambda: sum(
                    feed.clients for feed in feeds.values()
                ),
                "is_stale: Whether the figures are stale.": lambda: float(freshness.state.is_stale),
            },
        )
    )
    return registry


def _lifespan(warehouse: Warehouse, feeds: Mapping[str, Feed]) -> Any:
    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        tasks = [asyncio.create_task(feed.follow()) for feed in feeds.values()]
        yield
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        warehouse.close()

    return lifespan


def _describe_access(app: FastAPI) -> None:
    """State in the OpenAPI description that a key is needed."""
    describe = app.openapi

    def described() -> dict[str, Any]:
        spec = describe()
        spec.setdefault("components", {})["securitySchemes"] = {"key": SCHEME}
        spec["security"] = [{"key": []}]
        return spec

    app.openapi = described  # type: ignore[method-assign]
