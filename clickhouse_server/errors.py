"""ClickHouse errors as a client sees them: a code, a text, a name, an HTTP status."""

from __future__ import annotations

import re
from http import HTTPStatus

PREFIX = re.compile(r"Code: (\d+)\. DB::Exception: ", re.DOTALL)
VERSION = re.compile(r"\s*\(version [^)]*(?:\([^)]*\))?[^)]*\)")
NAME = re.compile(r"[.\s]*\(([A-Z][A-Z0-9_]+)\)\s*\.?\s*$")

BAD_REQUEST_CODES = frozenset(
    {6, 25, 26, 27, 38, 41, 43, 53, 62, 69, 72, 117, 155, 167, 168, 190, 427, 456, 457, 674, 675, 676}
)
NOT_FOUND_CODES = frozenset({46, 47, 50, 56, 60, 63, 73, 78, 81, 115, 511})
FORBIDDEN_CODES = frozenset({164, 192, 193, 497, 512, 516})
STATUSES = {
    48: HTTPStatus.NOT_IMPLEMENTED,
    76: HTTPStatus.SERVICE_UNAVAILABLE,
    159: HTTPStatus.REQUEST_TIMEOUT,
    194: HTTPStatus.UNAUTHORIZED,
    202: HTTPStatus.SERVICE_UNAVAILABLE,
    209: HTTPStatus.SERVICE_UNAVAILABLE,
    223: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
}


class ClickHouseError(Exception):
    """An error with ClickHouse's code and name, as `system.errors` lists them."""

    def __init__(self, code: int, name: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.name = name
        self.message = message

    @property
    def status(self) -> HTTPStatus:
        """The HTTP status ClickHouse answers with for this code."""
        if self.code in BAD_REQUEST_CODES:
            return HTTPStatus.BAD_REQUEST
        if self.code in NOT_FOUND_CODES:
            return HTTPStatus.NOT_FOUND
        if self.code in FORBIDDEN_CODES:
            return HTTPStatus.FORBIDDEN
        return STATUSES.get(self.code, HTTPStatus.INTERNAL_SERVER_ERROR)

    def text(self, version: str) -> str:
        """The line a client reads: `Code: 60. DB::Exception: ... (UNKNOWN_TABLE) (version ...)`."""
        return f"Code: {self.code}. DB::Exception: {self.message}. ({self.name}) (version {version})"


def from_engine(error: Exception) -> ClickHouseError:
    """The engine's error without the wrappings that its Python binding puts around it."""
    if isinstance(error, ClickHouseError):
        return error
    text = str(error)
    found = PREFIX.search(text)
    if not found:
        return ClickHouseError(1002, "UNKNOWN_EXCEPTION", text or type(error).__name__)
    code = int(found.group(1))
    text = VERSION.sub("", text[found.end() :])
    while again := PREFIX.match(text):
        text = text[again.end() :]
    name = ""
    while tail := NAME.search(text):
        name = name or tail.group(1)
        text = text[: tail.start()]
    return ClickHouseError(code, name or "UNKNOWN_EXCEPTION", text.rstrip(". \n"))


def access_denied(message: str) -> ClickHouseError:
    """The user lacks a privilege."""
    return ClickHouseError(497, "ACCESS_DENIED", message)


def bad_argument(message: str) -> ClickHouseError:
    """The request itself makes no sense."""
    return ClickHouseError(36, "BAD_ARGUMENTS", message)


def cancelled() -> ClickHouseError:
    """The query was stopped: KILL QUERY, a client that went away, or the server's stop."""
    return ClickHouseError(394, "QUERY_WAS_CANCELLED", "Query was cancelled")
