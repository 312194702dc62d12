"""Addresses for whoever runs the API: health, figures for Prometheus, and the reference."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, Response
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from tradewind.serving.api import reference
from tradewind.serving.api.freshness import Freshness
from tradewind.serving.api.platform import Platform
from tradewind.serving.api.problems import Problem


def add_operation(
    app: FastAPI, freshness: Freshness, platform: Platform, registry: CollectorRegistry
) -> None:
    """Add them; they need no key."""

    @app.get("/health", tags=["operation"], summary="Whether the process answers.")
    async def health() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/ready", tags=["operation"], summary="Whether the warehouse answers too, and is built.")
    async def ready() -> dict[str, str]:
        state = await freshness.read()
        if state.problem is not None:
            raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, state.problem)
        return {"status": "ready"}

    @app.get(
        "/metrics",
        tags=["operation"],
        summary="Figures of this process and the platform for Prometheus.",
        response_class=Response,
    )
    async def prometheus() -> Response:
        await platform.renew()
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    @app.get("/api/docs", include_in_schema=False)
    async def docs(request: Request) -> HTMLResponse:
        return HTMLResponse(reference.html(request.app.openapi()))
