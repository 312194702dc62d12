"""What an HTTP request asks for: parameters, settings, roles, formats, compression, body."""

from __future__ import annotations

import asyncio
import re
import uuid
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl

from clickhouse_server.compression import Decoder, choose_encoding, decoder
from clickhouse_server.errors import ClickHouseError, bad_argument

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

# Parameters of this interface; every other one is a setting of the engine.
INTERFACE_PARAMETERS = frozenset(
    {
        "query", "database", "default_format", "session_id", "session_timeout", "session_check",
        "close_session", "query_id", "quota_key", "compress", "decompress", "client_protocol_version", "user",
        "password", "buffer_size", "wait_end_of_query", "stacktrace", "enable_http_compression",
        "add_http_cors_header",
    }
)  # fmt: skip
MAX_SESSION_SECONDS = 3600.0
CHUNK_SIZE = 512 << 10
FORMAT_NAME = re.compile(r"[A-Za-z0-9_]+")


class ClientDisconnectedError(Exception):
    """The client closed the connection before its request or response was complete."""


@dataclass(frozen=True)
class Request:
    """One request, without its body."""

    method: str
    path: str
    params: Mapping[str, str]
    headers: Mapping[str, str]
    query_id: str
    roles: tuple[str, ...] = ()

    @property
    def settings(self) -> dict[str, str]:
        """Engine settings for this query."""
        return {
            name: value
            for name, value in self.params.items()
            if name not in INTERFACE_PARAMETERS and not name.startswith("param_")
        }

    @property
    def may_only_read(self) -> bool:
        """Whether the method or the setting `readonly` forbids changes."""
        return self.method in {"GET", "HEAD"} or self.params.get("readonly") in {"1", "2"}

    @property
    def query_params(self) -> dict[str, str]:
        """Values for `{name:Type}` in the text."""
        return {name[6:]: value for name, value in self.params.items() if name.startswith("param_")}

    @property
    def database(self) -> str | None:
        """The current database that the query asks for."""
        return self.params.get("database") or self.headers.get("x-clickhouse-database") or None

    @property
    def default_format(self) -> str:
        """The output format if the text names none."""
        name = self.params.get("default_format") or self.headers.get("x-clickhouse-format") or "TabSeparated"
        return checked_format(name)

    def flag(self, name: str) -> bool:
        """Whether a parameter is 1 or true."""
        return self.params.get(name, "0").lower() in {"1", "true"}

    @property
    def wants_early_rows(self) -> bool:
        """Whether rows are to be sent as they come, rather than in large chunks."""
        return self.params.get("wait_end_of_query") == "0"

    @property
    def protocol_version(self) -> int:
        """The protocol version in which the client reads the format Native; 0 for none."""
        text = self.params.get("client_protocol_version", "0")
        if not text.isascii() or not text.isdecimal():
            raise bad_argument(f"client_protocol_version must be a number, not {text!r}")
        return int(text)

    @property
    def session_seconds(self) -> float:
        """How long an idle session is kept."""
        text = self.params.get("session_timeout", "60")
        try:
            seconds = float(text)
        except ValueError:
            seconds = -1
        if not 0 <= seconds <= MAX_SESSION_SECONDS:
            raise ClickHouseError(
                374,
                "INVALID_SESSION_TIMEOUT",
                f"Invalid session timeout: {text}; at most {MAX_SESSION_SECONDS:.0f} seconds",
            )
        return seconds

    @property
    def response_encoding(self) -> str | None:
        """How the response body is to be compressed over HTTP."""
        if not self.flag("enable_http_compression"):
            return None
        return choose_encoding(self.headers.get("accept-encoding", ""))

    @property
    def wants_cors_header(self) -> bool:
        """Whether a script of another site may read the response."""
        return self.flag("add_http_cors_header") and "origin" in self.headers

    @property
    def is_form(self) -> bool:
        """Whether the body is a form, with parameters and files."""
        return self.headers.get("content-type", "").startswith("multipart/form-data")

    def with_params(self, params: Mapping[str, str]) -> Request:
        """The request with more parameters; one that is given already is refused."""
        if twice := sorted(set(params) & set(self.params)):
            raise bad_argument(f"Parameter {twice[0]} is given in the URL and in the form")
        return replace(self, params={**self.params, **params})

    def without_params(self, names: set[str]) -> Request:
        """The request without these parameters."""
        return replace(self, params={name: value for name, value in self.params.items() if name not in names})

    def body_decoder(self) -> Decoder:
        """The coder that the request body needs."""
        encoding = self.headers.get("content-encoding", "identity").strip().lower() or "identity"
        return decoder(encoding, blocks=self.flag("decompress"))


def checked_format(name: str) -> str:
    """A format's name; raises ClickHouseError for anything that cannot be one."""
    if not FORMAT_NAME.fullmatch(name):
        raise ClickHouseError(73, "UNKNOWN_FORMAT", f"Unknown format {name!r}")
    return name


def read_request(scope: Scope) -> Request:
    """The request of an ASGI scope. Only `role` may be given twice: another parameter would be ambiguous."""
    try:
        pairs = parse_qsl(scope["query_string"].decode("ascii"), keep_blank_values=True, errors="strict")
    except (UnicodeDecodeError, ValueError) as error:
        raise bad_argument("The URL's query string is not valid UTF-8, percent-encoded") from error
    roles = tuple(value for name, value in pairs if name == "role" and value)
    pairs = [(name, value) for name, value in pairs if name != "role"]
    params = dict(pairs)
    if len(params) != len(pairs):
        raise bad_argument("A URL parameter is given more than once")
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    query_id = params.get("query_id") or headers.get("x-clickhouse-query-id") or str(uuid.uuid4())
    return Request(scope["method"], scope["path"], params, headers, query_id, roles)


class Body:
    """The decompressed request body, in chunks of about half a megabyte."""

    def __init__(self, receive: Receive, coder: Decoder) -> None:
        self._receive = receive
        self._coder = coder
        self._compressed = memoryview(b"")
        self._received = False
        self._complete = False

    @property
    def is_complete(self) -> bool:
        """Whether all of it has been read."""
        return self._complete

    async def read(self) -> bytes:
        """The next chunk; empty at the end. Raises ClientDisconnectedError when the upload is broken off."""
        while not self._complete:
            if not self._compressed:
                self._compressed = memoryview(await self._receive_some())
            large = len(self._compressed) > 65536
            decoded = await asyncio.to_thread(self._decode) if large else self._decode()
            if decoded:
                return decoded
        return b""

    def _decode(self) -> bytes:
        """A chunk of what has been received; little of it at a time, since it may expand to very much."""
        decoded = bytearray()
        while self._compressed and len(decoded) < CHUNK_SIZE:
            decoded += self._coder.update(bytes(self._compressed[: self._coder.step]))
            self._compressed = self._compressed[self._coder.step :]
        if self._received and not self._compressed:
            self._complete = True
            decoded += self._coder.finish()
        return bytes(decoded)

    async def _receive_some(self) -> bytes:
        chunks: list[bytes] = []
        size = 0
        while size < CHUNK_SIZE and not self._received:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise ClientDisconnectedError
            chunks.append(message.get("body", b""))
            size += len(chunks[-1])
            self._received = not message.get("more_body", False)
        return b"".join(chunks)

    async def read_up_to(self, size: int) -> bytes:
        """The first `size` bytes or a little more; the whole body if it is shorter."""
        chunks: list[bytes] = []
        while sum(map(len, chunks)) < size and (chunk := await self.read()):
            chunks.append(chunk)
        return b"".join(chunks)
