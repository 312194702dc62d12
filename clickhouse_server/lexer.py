"""ClickHouse SQL as tokens."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum
from typing import NamedTuple

from clickhouse_server.errors import ClickHouseError

# Blanks and line comments, then one token, the start of a block comment or the end; tried in this order.
NEXT = re.compile(
    r"""
    (?: [\s\u00a0\ufeff]++ | (?: -- | \#! | \#\x20 | // ) [^\n]*+ )*+
    (?: (?P<end> \Z )
      | (?P<comment> /\* )
      | (?P<string> ' (?: [^'\\] | \\. | '' )* ' | (?P<heredoc> \$[A-Za-z0-9_]*\$ ) .*? (?P=heredoc) )
      | (?P<quoted> ` (?: [^`\\] | \\. | `` )* ` | " (?: [^"\\] | \\. | "" )* " )
      | (?P<word> [A-Za-z_$][A-Za-z0-9_$]*+ )
      | (?P<number> [0-9][0-9A-Za-z_]*+ (?: \.[0-9A-Za-z_]*+ )? )
      | (?P<symbol> [\x20-\x7e] )
      | (?P<other> . )
    )
    """,
    re.DOTALL | re.VERBOSE,
)
ESCAPE = re.compile(r"\\(.)", re.DOTALL)
ESCAPED = {"n": "\n", "t": "\t", "r": "\r", "0": "\0", "b": "\b", "f": "\f"}
COMMENT_EDGE = re.compile(r"/\*|\*/")


class TokenKind(Enum):
    """What a token is."""

    WORD = "word"
    QUOTED = "quoted identifier"
    STRING = "string"
    NUMBER = "number"
    SYMBOL = "symbol"


class Token(NamedTuple):
    """One token of the text, with its place in it.

    `keyword` is a word in upper case; empty for anything that cannot be a keyword.
    """

    kind: TokenKind
    text: str
    start: int
    end: int
    keyword: str

    @property
    def name(self) -> str:
        """The identifier without its quotes; empty for anything else."""
        if self.kind is TokenKind.WORD:
            return self.text
        if self.kind is TokenKind.QUOTED:
            quote = self.text[0]
            return self.text[1:-1].replace(quote * 2, quote).replace("\\" + quote, quote)
        return ""

    @property
    def string(self) -> str:
        """The value of a string literal; empty for anything else."""
        if self.kind is not TokenKind.STRING or not self.text.startswith("'"):
            return ""
        text = self.text[1:-1].replace("''", "'")
        return ESCAPE.sub(lambda escape: ESCAPED.get(escape[1], escape[1]), text)

    def is_symbol(self, symbol: str) -> bool:
        """Whether this is that punctuation mark; what is quoted is longer."""
        return self.text == symbol


TOKEN_KINDS = {
    "string": TokenKind.STRING,
    "quoted": TokenKind.QUOTED,
    "word": TokenKind.WORD,
    "number": TokenKind.NUMBER,
    "symbol": TokenKind.SYMBOL,
}


def tokens(text: str) -> Iterator[Token]:
    """The tokens of `text`, without comments; an unclosed quote is a symbol.

    Outside quotes the engine also takes some characters beyond ASCII for quotes, signs or blanks. They are
    refused: ClickHouseError.
    """
    place = 0
    while found := NEXT.match(text, place):
        what = str(found.lastgroup)
        start, place = found.span(what)
        if kind := TOKEN_KINDS.get(what):
            token = text[start:place]
            yield Token(kind, token, start, place, token.upper() if kind is TokenKind.WORD else "")
        elif what == "comment":
            place = _block_comment_end(text, start)
        elif what == "end":
            return
        else:
            raise ClickHouseError(
                62, "SYNTAX_ERROR", f"Syntax error: character {text[start]!a} at {place} outside quotes"
            )


def _block_comment_end(text: str, place: int) -> int:
    """The first place after a block comment; they nest, as in the engine."""
    depth = 0
    for edge in COMMENT_EDGE.finditer(text, place):
        depth += 1 if edge.group() == "/*" else -1
        if depth == 0:
            return edge.end()
    return len(text)
