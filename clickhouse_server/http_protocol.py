"""HTTP/1.1 without protocol upgrades: a request that offers one is answered as if it did not.

The parser ends a message at its headers when they offer an upgrade, as Java's HTTP client does by default
(h2c); what follows is the body. Here the rest of such a message is parsed as a message of its own, whose
headers say only how long the body is.
"""

from __future__ import annotations

from typing import Any

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

BODY_HEADERS = (b"content-length", b"transfer-encoding")


class NoUpgradeProtocol(HttpToolsProtocol):
    """uvicorn's HTTP protocol, which ignores the header `Upgrade`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._skips_headers = False

    def data_received(self, data: bytes) -> None:
        """Called by asyncio."""
        self._unset_keepalive_if_required()
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            self._parse_body(data[upgrade.args[0] :])
        except httptools.HttpParserError:
            message = "Invalid HTTP request received."
            self.logger.warning(message)
            self.send_400_response(message)

    def _parse_body(self, rest: bytes) -> None:
        lines = [name + b": " + value for name, value in self.headers if name in BODY_HEADERS]
        self.parser = httptools.HttpRequestParser(self)
        self._skips_headers = True
        self.parser.feed_data(b"\r\n".join([b"POST / HTTP/1.1", *lines, b"", b""]))
        self.data_received(rest)

    def on_message_begin(self) -> None:
        """Called by the parser."""
        if not self._skips_headers:
            super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        """Called by the parser."""
        if not self._skips_headers:
            super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Called by the parser."""
        if not self._skips_headers:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Called by the parser."""
        if self._skips_headers:
            self._skips_headers = False
        else:
            super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Called by the parser; at an offered upgrade, before the body."""
        if not self.parser.should_upgrade():
            super().on_message_complete()
