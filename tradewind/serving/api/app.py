"""The application: one address per mart, metrics by name, live feeds, and what watches it."""

# Annotations are evaluated here: FastAPI reads those of local functions, which name local variables.
import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, Query, Request, Response, WebSocket
from fastapi.middleware.cors import CORSMiddleware
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from starlette.middleware.gzip import GZipMiddleware

from tradewind.serving.api import problems
from tradewind.serving.api.access import Access, Reader
from tradewind.serving.api.answers import TableReader
from tradewind.serving.api.cache import Cache
from tradewind.serving.api.contracts import Contract
from tradewind.serving.api.freshness import Freshness
from tradewind.serving.api.live import ChangedFigures, ChangedRows, Feed
from tradewind.serving.api.metrics import Asked, MetricAnswer, MetricDeclaration, Metrics
from tradewind.serving.api.problems import Problem
from tradewind.serving.api.tables import TABLES
from tradewind.serving.api.warehouse import Warehouse
from tradewind.stack.api_keys import Keys

ORDERS = "select order_id, ordered_at, city, channel, status, total_amount from rt.rt_live_orders"
KPI = "select * from rt.v_live_kpi"
CLOCKS = frozenset({"as_of", "newest_commit_at", "seconds_behind"})
ORDER_SECONDS, KPI_SECONDS = 0.25, 2.0
SMALLEST_COMPRESSED = 1024


@dataclass(frozen=True)
class Sources:
    """What the application is made from."""

    warehouse: Warehouse
    keys: Keys
    manifest: Mapping[str, Any]
    """dbt's manifest, whose contracts are the types of the answers."""
    metrics: Metrics
    time_zone: str
    origins: tuple[str, ...] = ()
    """Web sites whose pages may ask (CORS)."""


class Watched:
    """Prometheus' figures of this process."""

    def __init__(self, cache: Cache, orders: Feed, kpi: Feed, freshness: Freshness) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "tradewind_api_requests", "Requests answered.", ["path", "status"], registry=self.registry
        )
        self.seconds = Histogram(
            "tradewind_api_request_seconds", "Seconds to an answer.", ["path"], registry=self.registry
        )
        for name, text, value in (
            ("cache_hits", "Answers from the cache.", lambda: cache.hits),
            ("cache_misses", "Answers computed.", lambda: cache.misses),
            ("live_clients", "Clients of the live feeds.", lambda: orders.clients + kpi.clients),
            ("is_stale", "Whether the figures are stale.", lambda: float(freshness.state.is_stale)),
        ):
            Gauge(f"tradewind_api_{name}", text, registry=self.registry).set_function(value)


def create_app(sources: Sources) -> FastAPI:
    """The application, whose tasks run while it serves."""
    freshness, cache = Freshness(sources.warehouse), Cache()
    orders = Feed(sources.warehouse, ORDERS, ORDER_SECONDS, ChangedRows("order_id", "order"))
    kpi = Feed(sources.warehouse, KPI, KPI_SECONDS, ChangedFigures("kpi", CLOCKS))
    watched = Watched(cache, orders, kpi, freshness)
    access = Access(sources.keys)

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        tasks = [asyncio.create_task(work()) for work in (freshness.follow, orders.follow, kpi.follow)]
        yield
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        sources.warehouse.close()

    app = FastAPI(
        title="Tradewind",
        summary="Marts, metrics and live figures of the shop.",
        version="1",
        docs_url="/api/docs",
        openapi_url="/api/openapi.json",
        redoc_url=None,
        lifespan=lifespan,
    )
    problems.install(app)
    app.add_middleware(GZipMiddleware, minimum_size=SMALLEST_COMPRESSED)
    if sources.origins:
        app.add_middleware(CORSMiddleware, allow_origins=sources.origins, allow_headers=["Authorization"])
    _count(app, watched)
    router = APIRouter(prefix="/api/v1")
    for table in TABLES:
        reader = TableReader(table, Contract(sources.manifest, table.name), sources.time_zone)
        _add_table(router, reader, access, sources.warehouse, freshness, cache)
    _add_metrics(router, sources, access, freshness, cache)
    app.include_router(router)
    _add_live(app, access, {"/ws/live-orders": orders, "/ws/live-kpi": kpi})
    _add_health(app, freshness, watched)
    return app


def _count(app: FastAPI, watched: Watched) -> None:
    @app.middleware("http")
    async def count(request: Request, call_next: Any) -> Response:
        started = asyncio.get_running_loop().time()
        response: Response = await call_next(request)
        route = request.scope.get("route")
        path = getattr(route, "path", "other")
        watched.requests.labels(path, response.status_code).inc()
        watched.seconds.labels(path).observe(asyncio.get_running_loop().time() - started)
        return response


def _add_table(
    router: APIRouter,
    reader: TableReader,
    access: Access,
    warehouse: Warehouse,
    freshness: Freshness,
    cache: Cache,
) -> None:
    table, parameters = reader.table, reader.parameters

    async def answer(
        request: Request,
        given: Annotated[parameters, Query()],  # type: ignore[valid-type]
        who: Annotated[Reader, Depends(access)],
    ) -> Response:
        who.require(table)
        statement, values = reader.statement(given, who.key)
        state = freshness.state

        async def compute() -> bytes:
            return reader.answer(await warehouse.query(statement, values), given, state)

        key = (statement, tuple(values.items()), reader.version(state))
        found = await cache.get(key, compute, is_live=table.is_live)
        return _respond(request, found.body, found.tag, who)

    router.add_api_route(
        table.path,
        answer,
        response_model=reader.page,
        summary=table.summary,
        operation_id=table.name,
        tags=["live" if table.is_live else "marts"],
    )


def _add_metrics(
    router: APIRouter, sources: Sources, access: Access, freshness: Freshness, cache: Cache
) -> None:
    metrics = sources.metrics

    @router.get("/metrics", tags=["metrics"], summary="Every metric with its meaning.")
    async def list_metrics(who: Annotated[Reader, Depends(access)]) -> list[MetricDeclaration]:
        who.require_figures()
        return metrics.list()

    @router.get(
        "/metrics/{name}", tags=["metrics"], response_model=MetricAnswer, summary="One metric's values."
    )
    async def answer_metric(
        request: Request, name: str, asked: Asked, who: Annotated[Reader, Depends(access)]
    ) -> Response:
        who.require_figures()
        state = freshness.state

        async def compute() -> bytes:
            columns, rows = await metrics.values(name, asked)
            answer = MetricAnswer(
                as_of=max(state.built_at.values(), default=None),
                is_stale=state.is_stale,
                currency=state.currency,
                time_zone=sources.time_zone,
                metric=name,
                unit=metrics.metric(name).unit,
                columns=columns,
                data=rows,
            )
            return answer.model_dump_json().encode()

        version = (*sorted(state.built_at.items()), state.is_stale, state.currency)
        found = await cache.get((name, asked.model_dump_json(), version), compute, is_live=False)
        return _respond(request, found.body, found.tag, who)


def _add_live(app: FastAPI, access: Access, feeds: Mapping[str, Feed]) -> None:
    def add(path: str, feed: Feed) -> None:
        @app.websocket(path)
        async def follow(socket: WebSocket, after: int | None = None) -> None:
            try:
                reader = await access.reader(_key_of(socket))
                reader.require_figures()
            except Problem as problem:
                await socket.close(4000 + problem.status, problem.detail)
                return
            await socket.accept(_protocol(socket))
            await feed.serve(socket, after)

    for path, feed in feeds.items():
        add(path, feed)


def _add_health(app: FastAPI, freshness: Freshness, watched: Watched) -> None:
    @app.get("/health", tags=["operation"], summary="Whether the process answers.")
    async def health() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/ready", tags=["operation"], summary="Whether the warehouse answers too.")
    async def ready() -> dict[str, str]:
        state = await freshness.read()
        if not state.built_at:
            raise Problem(
                HTTPStatus.SERVICE_UNAVAILABLE, "nothing is built yet, or the warehouse does not answer"
            )
        return {"status": "ready"}

    @app.get("/metrics", tags=["operation"], summary="Figures of this process for Prometheus.")
    async def prometheus() -> Response:
        return Response(generate_latest(watched.registry), media_type=CONTENT_TYPE_LATEST)


def _respond(request: Request, body: bytes, tag: str, who: Reader) -> Response:
    headers = {**who.headers, "ETag": tag, "Cache-Control": "private, no-cache", "Vary": "Authorization"}
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    return Response(body, media_type="application/json", headers=headers)


def _key_of(socket: WebSocket) -> str:
    """The key of a WebSocket: a header, or a subprotocol `key.<key>`, since browsers can set no headers."""
    header = socket.headers.get("authorization", "")
    if header.startswith("Bearer "):
        return header.removeprefix("Bearer ")
    offered: list[str] = socket.scope.get("subprotocols", [])
    return next((name.removeprefix("key.") for name in offered if name.startswith("key.")), "")


def _protocol(socket: WebSocket) -> str | None:
    """The subprotocol to accept: never the one that holds the key."""
    return "tradewind" if "tradewind" in socket.scope.get("subprotocols", []) else None
