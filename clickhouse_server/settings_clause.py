"""The settings that a statement's text gives: SETTINGS clauses, and SET statements."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from clickhouse_server.errors import ClickHouseError
from clickhouse_server.lexer import Token, TokenKind
from clickhouse_server.statement import Statement


@dataclass(frozen=True)
class Assignment:
    """One `name = value`; `is_nested` if it is inside parentheses, so of a subquery."""

    name: str
    value: str
    is_nested: bool


def assignments(statement: Statement) -> Iterator[Assignment]:
    """Every setting that the text gives; raises ClickHouseError for values that are not plain literals."""
    found = statement.tokens
    depth = 0
    for place, token in enumerate(found):
        depth += token.is_symbol("(") - token.is_symbol(")")
        is_set = place == 0 and statement.start == "SET"
        if is_set or (token.keyword == "SETTINGS" and _is_assignment(found, place + 1)):
            yield from _list(found, place + 1, is_nested=depth > 0)


def _is_assignment(found: list[Token], place: int) -> bool:
    return place + 2 < len(found) and bool(found[place].name) and found[place + 1].is_symbol("=")


def _list(found: list[Token], place: int, *, is_nested: bool) -> Iterator[Assignment]:
    while True:
        if not _is_assignment(found, place):
            raise ClickHouseError(62, "SYNTAX_ERROR", "Syntax error: expected name = value in the settings")
        name = found[place].name
        value, place = _literal(found, place + 2, name)
        yield Assignment(name, value, is_nested)
        if place >= len(found) or not found[place].is_symbol(","):
            return
        place += 1


def _literal(found: list[Token], place: int, name: str) -> tuple[str, int]:
    """The value at this place, and the place after it."""
    token = found[place]
    sign = "-" if token.is_symbol("-") else ""
    if sign and place + 1 < len(found):
        place, token = place + 1, found[place + 1]
    follows = found[place + 1] if place + 1 < len(found) else None
    if follows is None or not follows.is_symbol("("):
        if token.kind is TokenKind.NUMBER:
            return sign + token.text, place + 1
        if token.kind is TokenKind.STRING and not sign:
            return token.string, place + 1
        if token.keyword in {"TRUE", "FALSE"} and not sign:
            return token.text, place + 1
    raise ClickHouseError(164, "READONLY", f"Cannot modify '{name}' setting in readonly mode to this value")
