"""What an HTTP request asks for: parameters, settings, formats, compression, body."""

from __future__ import annotations

import asyncio
import re
import uuid
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from clickhouse_server.compression import Decoder, choose_encoding, decoder
from clickhouse_server.errors import WarehouseError, bad_argument

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

# Parameters that steer this interface; every other one is a setting of the engine.
OWN_PARAMETERS = frozenset(
    {
        "query", "database", "default_format", "session_id", "session_timeout", "session_check",
        "close_session", "query_id", "quota_key", "compress", "decompress", "client_protocol_version", "user",
        "password", "role", "buffer_size", "wait_end_of_query", "stacktrace", "enable_http_compression",
    }
)  # fmt: skip
MAX_SESSION_SECONDS = 3600.0
PIECE = 512 << 10
FORMAT_NAME = re.compile(r"[A-Za-z0-9_]+")


class ClientGoneError(Exception):
    """The client closed the connection before its request or response was complete."""


@dataclass(frozen=True)
class Request:
    """One request, without its body."""

    method: str
    path: str
    params: Mapping[str, str]
    headers: Mapping[str, str]
    query_id: str

    @property
    def settings(self) -> dict[str, str]:
        """Engine settings for this query."""
        return {
            name: value
            for name, value in self.params.items()
            if name not in OWN_PARAMETERS and not name.startswith("param_")
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
        """The output format where the text names none."""
        name = self.params.get("default_format") or self.headers.get("x-clickhouse-format") or "TabSeparated"
        if not FORMAT_NAME.fullmatch(name):
            raise WarehouseError(73, "UNKNOWN_FORMAT", f"Unknown format {name!r}")
        return name

    def flag(self, name: str) -> bool:
        """A parameter that is 1 or true."""
        return self.params.get(name, "0").lower() in {"1", "true"}

    @property
    def session_seconds(self) -> float:
        """How long an idle session is kept."""
        text = self.params.get("session_timeout", "60")
        try:
            seconds = float(text)
        except ValueError:
            seconds = -1
        if not 0 <= seconds <= MAX_SESSION_SECONDS:
            raise WarehouseError(
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

    def body_decoder(self) -> Decoder:
        """The coder that the request body needs."""
        if self.headers.get("content-type", "").startswith("multipart/"):
            raise WarehouseError(
                48, "NOT_IMPLEMENTED", "External data and form fields (multipart/form-data) are not supported"
            )
        encoding = self.headers.get("content-encoding", "identity").strip().lower() or "identity"
        return decoder(encoding, blocks=self.flag("decompress"))


def read_request(scope: Scope) -> Request:
    """The request of an ASGI scope; a parameter that is given twice is refused, as it may mean two things."""
    try:
        pairs = parse_qsl(scope["query_string"].decode("ascii"), keep_blank_values=True, errors="strict")
    except (UnicodeDecodeError, ValueError) as error:
        raise bad_argument("The URL's query string is not valid UTF-8, percent-encoded") from error
    params = dict(pairs)
    if len(params) != len(pairs):
        raise bad_argument("A URL parameter is given more than once")
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    query_id = params.get("query_id") or headers.get("x-clickhouse-query-id") or str(uuid.uuid4())
    return Request(scope["method"], scope["path"], params, headers, query_id)


class Body:
    """The decompressed request body, in pieces of about half a megabyte."""

    def __init__(self, receive: Receive, coder: Decoder) -> None:
        self._receive = receive
        self._coder = coder
        self._packed = memoryview(b"")
        self._received = False
        self._complete = False

    @property
    def is_complete(self) -> bool:
        """Whether all of it has been read."""
        return self._complete

    async def read(self) -> bytes:
        """The next piece; empty at the end. Raises ClientGoneError when the upload breaks off."""
        while not self._complete:
            if not self._packed:
                self._packed = memoryview(await self._receive_some())
            plain = await asyncio.to_thread(self._decode) if len(self._packed) > 65536 else self._decode()
            if plain:
                return plain
        return b""

    def _decode(self) -> bytes:
        """A piece of what has been received; little of it at a time, since it may unpack to very much."""
        plain = bytearray()
        while self._packed and len(plain) < PIECE:
            plain += self._coder.update(bytes(self._packed[: self._coder.step]))
            self._packed = self._packed[self._coder.step :]
        if self._received and not self._packed:
            self._complete = True
            plain += self._coder.finish()
        return bytes(plain)

    async def _receive_some(self) -> bytes:
        pieces: list[bytes] = []
        size = 0
        while size < PIECE and not self._received:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise ClientGoneError
            pieces.append(message.get("body", b""))
            size += len(pieces[-1])
            self._received = not message.get("more_body", False)
        return b"".join(pieces)

    async def read_up_to(self, size: int) -> bytes:
        """The first `size` bytes or a little more; the whole body where it is shorter."""
        pieces: list[bytes] = []
        while sum(map(len, pieces)) < size and (piece := await self.read()):
            pieces.append(piece)
        return b"".join(pieces)
