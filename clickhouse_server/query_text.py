"""The statement of a request, and where the data of an INSERT begins."""

from __future__ import annotations

import re

from clickhouse_server.errors import ClickHouseError
from clickhouse_server.lexer import TokenKind, tokens
from clickhouse_server.request import Body, Request
from clickhouse_server.statement import Statement, parse, parse_insert

HEAD_SIZE = 256 << 10
MAX_TEXT_SIZE = 16 << 20
SURROGATE = re.compile("[\udc80-\udcff]")


async def read_statement(request: Request, body: Body) -> tuple[Statement, bytes]:
    """The statement, and the first chunk of an INSERT's data; the rest of the data is still in `body`."""
    given = request.params.get("query", "")
    head = await body.read_up_to(HEAD_SIZE)
    text = bytearray(f"{given}\n".encode() + head if given else head)
    decoded = text.decode("utf-8", "surrogateescape")
    insert = parse_insert(decoded)
    if insert is not None:
        statement, start = insert
        _utf8(statement.text.encode("utf-8", "surrogateescape"))
        return statement, decoded[start:].encode("utf-8", "surrogateescape")
    while chunk := await body.read():
        text += chunk
        if len(text) > MAX_TEXT_SIZE:
            raise ClickHouseError(223, "QUERY_IS_TOO_LARGE", f"Query is longer than {MAX_TEXT_SIZE} bytes")
    decoded = _utf8(escape_bytes(text.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape"))
    decoded = decoded.strip()
    if not decoded:
        raise ClickHouseError(62, "SYNTAX_ERROR", "Syntax error: empty query")
    return parse(decoded), b""


def escape_bytes(text: str) -> str:
    """The text with the bytes in its string literals that are not UTF-8 (surrogates here) as escapes."""
    if not SURROGATE.search(text):
        return text
    parts, copied = [], 0
    for token in tokens(text):
        if token.kind is TokenKind.STRING and SURROGATE.search(token.text):
            parts += [text[copied : token.start], _escaped(token.text)]
            copied = token.end
    return "".join([*parts, text[copied:]])


def _escaped(literal: str) -> str:
    if literal.startswith("$"):
        inside = literal[literal.index("$", 1) + 1 : literal.rindex("$", 0, -1)]
        literal = "'" + inside.replace("\\", "\\\\").replace("'", "\\'") + "'"
    literal = literal.replace("\0", "\\0")
    return SURROGATE.sub(lambda found: f"\\x{ord(found[0]) - 0xDC00:02x}", literal)


def _utf8(text: bytes | bytearray) -> str:
    try:
        return text.decode()
    except UnicodeDecodeError as error:
        raise ClickHouseError(
            62, "SYNTAX_ERROR", f"Syntax error: the query is not UTF-8 at byte {error.start}"
        ) from error
