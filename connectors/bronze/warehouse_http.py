"""Statements over ClickHouse's HTTP interface; transient errors are retried."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Mapping
from types import MappingProxyType
from urllib.parse import urlencode

import urllib3

from connectors.errors import CaptureError, Stopped
from tradewind.settings import Endpoint

log = logging.getLogger(__name__)

NO_SETTINGS: Mapping[str, int] = MappingProxyType({})
UNKNOWN_TABLE, UNKNOWN_DATABASE, NOT_ENOUGH_SPACE = 60, 81, 243
# Time-outs, too many queries, network, out of memory, read-only for now, too many parts, unknown status.
_TRANSIENT_CODES = frozenset({159, 202, 203, 209, 210, 241, 242, 252, 319, 425, 999})
_DISK_FULL = "No space left on device"
_TRANSIENT_STATUS = frozenset({502, 503, 504})
_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 0.05, 2.0


class StatementError(CaptureError):
    """The warehouse refused a statement; `code` is ClickHouse's."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


class _TransientError(Exception):
    """An error that another attempt may not meet."""


class WarehouseHttp:
    """A client of the warehouse, for one thread."""

    def __init__(self, address: Endpoint, stopping: threading.Event, patience_seconds: float) -> None:
        self.address = address
        self._stopping = stopping
        self._patience = patience_seconds
        timeout = urllib3.Timeout(connect=5, read=300)
        self._pool = urllib3.connection_from_url(address.origin, timeout=timeout, retries=False)
        self._headers = urllib3.make_headers(basic_auth=f"{address.user}:{address.password}")

    def run(self, statement: str, body: bytes = b"", settings: Mapping[str, int] = NO_SETTINGS) -> bytes:
        """The answer to a statement, `body` being the rows of an insert; transient errors are retried.

        Raises StatementError for what the warehouse refuses, CaptureError when it is unavailable for
        longer than the patience given, Stopped when asked to stop meanwhile.
        """
        deadline = time.monotonic() + self._patience
        pause = _FIRST_PAUSE_SECONDS
        while True:
            try:
                return self._attempt(statement, body, settings)
            except _TransientError as error:
                if time.monotonic() + pause > deadline:
                    raise CaptureError(f"{self._name}: {error}; see `tradewind status`") from error
                log.warning("%s: %s; next attempt in %.2f s", self._name, error, pause)
            if self._stopping.wait(pause):
                raise Stopped
            pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)

    def close(self) -> None:
        """Close the connection."""
        self._pool.close()

    @property
    def _name(self) -> str:
        return f"warehouse at {self.address.host}:{self.address.port}"

    def _attempt(self, statement: str, body: bytes, settings: Mapping[str, int]) -> bytes:
        path = "/?" + urlencode({**settings, "query": statement} if body else settings)
        try:
            answer = self._pool.request("POST", path, body=body or statement.encode(), headers=self._headers)
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise _TransientError(f"not reachable ({_reason(error)})") from error
        if answer.status == 200 and "X-ClickHouse-Exception-Code" not in answer.headers:
            return answer.data
        raise self._refusal(answer)

    def _refusal(self, answer: urllib3.BaseHTTPResponse) -> Exception:
        code = int(answer.headers.get("X-ClickHouse-Exception-Code") or 0)
        text = answer.data.decode("utf-8", "replace").strip().split("\n")[0][:500]
        if code == NOT_ENOUGH_SPACE or _DISK_FULL in text:
            return _TransientError(f"its disk is full; free some space, nothing is lost meanwhile ({text})")
        if code in _TRANSIENT_CODES or answer.status in _TRANSIENT_STATUS:
            return _TransientError(text)
        if code in (193, 194, 516):
            user = self.address.user
            return CaptureError(
                f"{self._name} refuses user {user!r}: wrong password; check CLICKHOUSE_WRITER_URL"
            )
        return StatementError(code, f"{self._name} refused a statement: {text}")


def _reason(error: Exception) -> str:
    """The class of the error; for TLS errors their text, which names the fault of the certificate."""
    return str(error) if isinstance(error, urllib3.exceptions.SSLError) else type(error).__name__
