"""The addresses that answer questions: one per table, metrics by name, live feeds, and who asks."""

# Annotations are evaluated here: FastAPI reads those of local functions, which name local variables.
import asyncio
from collections.abc import Awaitable, Callable, Hashable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, FastAPI, Path, Query, Request, Response, WebSocket
from pydantic import BaseModel

from tradewind.serving.api.access import Access, Reader
from tradewind.serving.api.answers import TableReader
from tradewind.serving.api.cache import Cache, Cached
from tradewind.serving.api.freshness import Freshness
from tradewind.serving.api.live import Feed
from tradewind.serving.api.metrics import Asked, MetricAnswer, MetricDeclaration, Metrics
from tradewind.serving.api.problems import Problem
from tradewind.serving.api.recommendations import Kind, Recommendations, Recommender
from tradewind.serving.api.warehouse import Warehouse
from tradewind.stack.api_keys import Role

CLOSE_CODE = 4000
"""Added to an HTTP status, the code by which a WebSocket is refused."""
SMALLEST_COMPRESSED = 1024


@dataclass(frozen=True)
class Answering:
    """What all addresses answer with."""

    access: Access
    freshness: Freshness
    cache: Cache
    time_zone: str

    async def respond(
        self,
        request: Request,
        who: Reader,
        key: Hashable,
        compute: Callable[[], Awaitable[bytes]],
        is_live: bool,
    ) -> Response:
        """The answer from the cache or computed; 304 if the client has it already."""
        found = await self.cache.get(key, compute, is_live=is_live)
        headers = {
            **who.headers,
            "ETag": found.tag,
            "Cache-Control": "private, no-cache",
            "Vary": "Accept-Encoding, Authorization, Cookie",
        }
        if found.tag in request.headers.get("if-none-match", ""):
            return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
        return _body(request, found, headers)


def _body(request: Request, found: Cached, headers: dict[str, str]) -> Response:
    accepted = request.headers.get("accept-encoding", "")
    if "gzip" in accepted and len(found.body) >= SMALLEST_COMPRESSED:
        headers["Content-Encoding"] = "gzip"
        return Response(found.compressed, media_type="application/json", headers=headers)
    return Response(found.body, media_type="application/json", headers=headers)


def add_table(router: APIRouter, answering: Answering, reader: TableReader, warehouse: Warehouse) -> None:
    """Add the address of a table."""
    table, parameters = reader.table, reader.parameters
    absent = {table.relation: table.prediction.missing} if table.prediction else {}

    async def answer(
        request: Request,
        given: Annotated[parameters, Query()],  # type: ignore[valid-type]
        who: Annotated[Reader, Depends(answering.access)],
    ) -> Response:
        who.require(table)
        statement, values = reader.statement(given, who.key)
        if table.is_live:

            async def compute_live() -> bytes:
                rows, state = await asyncio.gather(
                    warehouse.query(statement, values, absent), answering.freshness.current()
                )
                return reader.answer(rows, given, state)

            return await answering.respond(
                request, who, (statement, tuple(values.items())), compute_live, is_live=True
            )
        state = await answering.freshness.current()

        async def compute() -> bytes:
            return reader.answer(await warehouse.query(statement, values, absent), given, state)

        key = (statement, tuple(values.items()), reader.version(state))
        is_live = table.relation not in state.built_at
        return await answering.respond(request, who, key, compute, is_live)

    router.add_api_route(
        table.path,
        answer,
        response_model=reader.page,
        summary=table.summary,
        operation_id=table.name,
        tags=["live" if table.is_live else "predictions" if table.prediction else "marts"],
    )


def add_metrics(router: APIRouter, answering: Answering, metrics: Metrics) -> None:
    """Add the list of metrics and the address of each."""

    @router.get("/metrics", tags=["metrics"], summary="Every metric with its meaning.")
    async def list_metrics(who: Annotated[Reader, Depends(answering.access)]) -> list[MetricDeclaration]:
        who.require_figures()
        return metrics.all()

    @router.get(
        "/metrics/{name}", tags=["metrics"], response_model=MetricAnswer, summary="One metric's values."
    )
    async def answer_metric(
        request: Request, name: str, asked: Asked, who: Annotated[Reader, Depends(answering.access)]
    ) -> Response:
        who.require_figures()
        state = await answering.freshness.current()
        today = metrics.today()

        async def compute() -> bytes:
            return await metrics.answer(name, asked, state, answering.time_zone)

        key = (name, asked.model_dump_json(), today, state.newest_build, state.is_stale, state.currency)
        return await answering.respond(request, who, key, compute, is_live=False)


def add_recommendations(router: APIRouter, answering: Answering, recommender: Recommender) -> None:
    """Add the address of recommendations."""

    @router.get(
        "/recommendations/{kind}/{id}",
        tags=["predictions"],
        response_model=Recommendations,
        summary="Products for an account, after a product, or in a visit that goes on now.",
    )
    async def answer_recommendations(
        request: Request,
        kind: Kind,
        identifier: Annotated[str, Path(alias="id", max_length=100)],
        who: Annotated[Reader, Depends(answering.access)],
    ) -> Response:
        who.require_figures()
        if kind.has_people:
            who.require_people("/recommendations")
        state = await answering.freshness.current()

        async def compute() -> bytes:
            return await recommender.answer(kind, identifier, state)

        key = ("recommendations", kind, identifier, state.is_stale, state.currency)
        return await answering.respond(request, who, key, compute, is_live=True)


class Session(BaseModel):
    """Whose key a request has."""

    name: str
    role: Role
    seller_id: int | None


def add_session(router: APIRouter, answering: Answering) -> None:
    """Add the address that says who asks."""

    @router.get("/session", tags=["operation"], summary="Whose key this is, and what it may read.")
    async def session(who: Annotated[Reader, Depends(answering.access)]) -> Session:
        return Session(name=who.key.name, role=who.key.role, seller_id=who.key.seller_id)


def add_live(app: FastAPI, access: Access, feeds: Mapping[str, Feed]) -> None:
    """Add the live feeds."""

    def add(path: str, feed: Feed) -> None:
        @app.websocket(path)
        async def follow(socket: WebSocket, after: int | None = None) -> None:
            offered = socket.scope.get("subprotocols", [])
            refusal: Problem | None = None
            try:
                (await access.reader(socket)).require_figures()
                await feed.ready()
            except Problem as problem:
                refusal = problem
            # Accepted in any case: a browser is not told why a connection was refused, but why it was closed.
            await socket.accept("tradewind" if "tradewind" in offered else None)
            if refusal is not None:
                await socket.close(CLOSE_CODE + refusal.status, refusal.detail)
                return
            await feed.serve(socket, after)

    for path, feed in feeds.items():
        add(path, feed)
