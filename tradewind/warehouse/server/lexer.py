"""ClickHouse SQL as tokens.

Belongs here: comments, quoting and where a token stands, exactly as in the engine: where one of the two sees
a string and the other does not, a second statement can hide. Doesn't: meaning (`statement`, `guard`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from tradewind.warehouse.server.errors import WarehouseError

SPACE = re.compile(r"[\s\u00a0\ufeff]+")
LINE_COMMENT = re.compile(r"(?:--|#!|# |//)[^\n]*")
WORD = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*")
NUMBER = re.compile(r"[0-9][0-9A-Za-z_]*(?:\.[0-9A-Za-z_]*)?")
STRING = re.compile(r"'(?:[^'\\]|\\.|'')*'", re.DOTALL)
BACKQUOTED = re.compile(r"`(?:[^`\\]|\\.|``)*`", re.DOTALL)
DOUBLE_QUOTED = re.compile(r'"(?:[^"\\]|\\.|"")*"', re.DOTALL)
HEREDOC = re.compile(r"(\$[A-Za-z0-9_]*\$).*?\1", re.DOTALL)
COMMENT_EDGE = re.compile(r"/\*|\*/")


class Kind(Enum):
    """What a token is."""

    WORD = "word"
    QUOTED = "quoted identifier"
    STRING = "string"
    NUMBER = "number"
    SYMBOL = "symbol"


@dataclass(frozen=True)
class Token:
    """One token of the text, with its place in it."""

    kind: Kind
    text: str
    start: int
    end: int

    @property
    def keyword(self) -> str:
        """The word in upper case; empty for anything that cannot be a keyword."""
        return self.text.upper() if self.kind is Kind.WORD else ""

    @property
    def name(self) -> str:
        """The identifier without its quotes; empty for anything else."""
        if self.kind is Kind.WORD:
            return self.text
        if self.kind is Kind.QUOTED:
            quote = self.text[0]
            return self.text[1:-1].replace(quote * 2, quote).replace("\\" + quote, quote)
        return ""

    def is_symbol(self, symbol: str) -> bool:
        """Whether this is that punctuation mark."""
        return self.kind is Kind.SYMBOL and self.text == symbol


PATTERNS = (
    (STRING, Kind.STRING),
    (HEREDOC, Kind.STRING),
    (BACKQUOTED, Kind.QUOTED),
    (DOUBLE_QUOTED, Kind.QUOTED),
    (WORD, Kind.WORD),
    (NUMBER, Kind.NUMBER),
)


def tokens(text: str, start: int = 0) -> Iterator[Token]:
    """The tokens of `text` from `start`, without comments; an unclosed quote is a symbol.

    Outside quotes the engine also takes some characters beyond ASCII for quotes, signs or blanks. They are
    refused: WarehouseError.
    """
    place = start
    while place < len(text):
        place = _skip(text, place)
        if place >= len(text):
            return
        token = _token(text, place)
        yield token
        place = token.end


def _token(text: str, place: int) -> Token:
    for pattern, kind in PATTERNS:
        if found := pattern.match(text, place):
            return Token(kind, found.group(), place, found.end())
    if not (text[place].isascii() and text[place].isprintable()):
        raise WarehouseError(
            62, "SYNTAX_ERROR", f"Syntax error: character {text[place]!a} at {place + 1} outside quotes"
        )
    return Token(Kind.SYMBOL, text[place], place, place + 1)


def _skip(text: str, place: int) -> int:
    """The first place after white space and comments; block comments nest, as in the engine."""
    while True:
        found = SPACE.match(text, place) or LINE_COMMENT.match(text, place)
        if found:
            place = found.end()
        elif text.startswith("/*", place):
            place = _block_comment_end(text, place)
        else:
            return place


def _block_comment_end(text: str, place: int) -> int:
    depth = 0
    for edge in COMMENT_EDGE.finditer(text, place):
        depth += 1 if edge.group() == "/*" else -1
        if depth == 0:
            return edge.end()
    return len(text)
