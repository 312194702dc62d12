"""The HTTP interface: `/v1/ip/{ip}`, `/v1/device/{fingerprint}`, `/v1/batch`, `/health`.

Send the key as `Authorization: Bearer KEY`, and an `X-Request-Id` of your own to find the request again.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from simulator import network
from simulator.reputation.behaviour import SILENCE_SECONDS, Behaviour

LARGEST_BATCH = 500
RETRY_AFTER_SECONDS = 1
REQUEST_ID = "X-Request-Id"

Facts = dict[str, Any]


def create_app(api_key: str, behaviour: Behaviour) -> Starlette:
    """The service; `api_key` must not be empty."""
    if not api_key:
        raise ValueError("the reputation service needs an API key: REPUTATION_URL has no password")
    endpoints = _Endpoints(api_key, behaviour)
    return Starlette(
        routes=[
            Route("/health", _health, methods=["GET"]),
            Route("/v1/ip/{ip}", endpoints.guarded(endpoints.ip), methods=["GET"]),
            Route("/v1/device/{fingerprint}", endpoints.guarded(endpoints.device), methods=["GET"]),
            Route("/v1/batch", endpoints.guarded(endpoints.batch), methods=["POST"]),
        ]
    )


class _Refused(Exception):
    """The request cannot be answered; the message says what is wrong with it."""

    def __init__(self, message: str, status: int = 422) -> None:
        super().__init__(message)
        self.status = status


class _Endpoints:
    def __init__(self, api_key: str, behaviour: Behaviour) -> None:
        self._authorization = f"Bearer {api_key}".encode()
        self._behaviour = behaviour

    def guarded(self, answer: Callable[[Request], Awaitable[tuple[Facts, int]]]) -> Callable[[Request], Any]:
        """An endpoint that asks for the key, takes its time, and sometimes fails."""

        async def serve(request: Request) -> Response:
            request_id = request.headers.get(REQUEST_ID) or uuid.uuid4().hex
            if not hmac.compare_digest(
                request.headers.get("Authorization", "").encode(), self._authorization
            ):
                return _problem(
                    401, "wrong or missing API key; send it as `Authorization: Bearer KEY`", request_id
                )
            try:
                facts, items = await answer(request)
            except _Refused as error:
                return _problem(error.status, str(error), request_id)
            await asyncio.sleep(self._behaviour.seconds(request_id, items))
            return await self._given(facts, request_id)

        return serve

    async def _given(self, facts: Facts, request_id: str) -> Response:
        outcome = self._behaviour.outcome(request_id)
        if outcome == "too_many_requests":
            response = _problem(429, "too many requests", request_id)
            response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
            return response
        if outcome == "server_error":
            return _problem(500, "internal error", request_id)
        if outcome == "no_answer":
            await asyncio.sleep(SILENCE_SECONDS)
            return _problem(504, "no answer in time", request_id)
        return JSONResponse(facts, headers={REQUEST_ID: request_id})

    async def ip(self, request: Request) -> tuple[Facts, int]:
        """One address, with the device if `device_fingerprint` is given."""
        device = request.query_params.get("device_fingerprint")
        facts = _facts(_ip, request.path_params["ip"])
        return facts | ({"device": _facts(_device, device)} if device else {}), 2 if device else 1

    async def device(self, request: Request) -> tuple[Facts, int]:
        """One device."""
        return _facts(_device, request.path_params["fingerprint"]), 1

    async def batch(self, request: Request) -> tuple[Facts, int]:
        """Many at once; one that is malformed has an `error` instead of facts."""
        ips, devices = await _asked(request)
        return {
            "ips": [_facts_or_error(_ip, "ip", ip) for ip in ips],
            "devices": [_facts_or_error(_device, "device_fingerprint", device) for device in devices],
        }, max(1, len(ips) + len(devices))


async def _health(request: Request) -> Response:
    return JSONResponse({"status": "ok"})


async def _asked(request: Request) -> tuple[list[str], list[str]]:
    """The lists `ips` and `devices` of a batch."""
    try:
        body = json.loads(await request.body())
    except ValueError as error:
        raise _Refused(f"the body is not JSON: {error}", 400) from error
    if not isinstance(body, dict) or not body.keys() <= {"ips", "devices"}:
        raise _Refused('the body is not an object of lists "ips" and "devices"', 400)
    asked = [body.get(name, []) for name in ("ips", "devices")]
    for given in asked:
        if not isinstance(given, list) or not all(isinstance(item, str) for item in given):
            raise _Refused('"ips" and "devices" are lists of texts', 400)
    if sum(map(len, asked)) > LARGEST_BATCH:
        raise _Refused(f"a batch has at most {LARGEST_BATCH} addresses and devices", 413)
    return asked[0], asked[1]


def _ip(ip: str) -> Facts:
    return {"ip": ip, **asdict(network.describe(ip))}


def _device(fingerprint: str) -> Facts:
    return {"device_fingerprint": fingerprint, **asdict(network.describe_device(fingerprint))}


def _facts(describe: Callable[[str], Facts], subject: str) -> Facts:
    try:
        return describe(subject)
    except ValueError as error:
        raise _Refused(str(error)) from error


def _facts_or_error(describe: Callable[[str], Facts], name: str, subject: str) -> Facts:
    try:
        return describe(subject)
    except ValueError as error:
        return {name: subject, "error": str(error)}


def _problem(status: int, message: str, request_id: str) -> Response:
    return JSONResponse({"error": message}, status_code=status, headers={REQUEST_ID: request_id})
