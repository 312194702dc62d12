"""Logging in with a browser: a one-time link sets a cookie that holds a key of a few hours."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus
from urllib.parse import urlsplit

from fastapi import FastAPI, Request
from fastapi.responses import RedirectResponse, Response
from starlette.requests import HTTPConnection

from tradewind.serving.api.problems import Problem
from tradewind.stack.api_keys import Keys, Role
from tradewind.stack.login_links import LoginLinks

LIFETIME = timedelta(hours=12)
SESSION = "browser session"


def cookie_name(connection: HTTPConnection) -> str:
    """The cookie of this address: cookies do not tell ports apart, and two homes may run on one machine."""
    return f"tradewind_{connection.url.port or connection.url.scheme}"


def key_in_cookie(connection: HTTPConnection) -> str:
    """The key that the browser's cookie holds; empty without one, or if another site's page asks.

    Pages of another port count as the same site, so that their requests carry the cookie; the browser keeps
    answers from them, but would let them open a WebSocket.
    """
    origin = connection.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != connection.headers.get("host"):
        return ""
    return connection.cookies.get(cookie_name(connection), "")


def add_login(app: FastAPI, links: LoginLinks, keys: Keys) -> None:
    """Add the address of one-time links."""

    @app.get("/login", include_in_schema=False)
    async def login(request: Request, token: str = "") -> Response:
        if not links.use(token):
            raise Problem(
                HTTPStatus.FORBIDDEN,
                "this link has been used, or is too old; `tradewind open` makes another one",
            )
        response = RedirectResponse("/", HTTPStatus.SEE_OTHER)
        response.set_cookie(
            cookie_name(request),
            keys.create(SESSION, Role.ANALYST, lifetime=LIFETIME),
            max_age=int(LIFETIME.total_seconds()),
            httponly=True,
            samesite="strict",
            secure=request.url.scheme == "https",
        )
        response.headers["Cache-Control"] = "no-store"
        response.headers["Referrer-Policy"] = "no-referrer"
        return response

    @app.get("/logout", include_in_schema=False)
    async def logout(request: Request) -> Response:
        if key := keys.find(key_in_cookie(request)):
            keys.revoke(key.id)
        response = RedirectResponse("/", HTTPStatus.SEE_OTHER)
        response.delete_cookie(cookie_name(request))
        return response
