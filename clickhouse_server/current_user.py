"""`currentUser()` as the user's own name: to the engine all users are one."""

from __future__ import annotations

from clickhouse_server.engine import quote, quote_name
from clickhouse_server.lexer import Token
from clickhouse_server.statement import Statement, parse

FUNCTIONS = frozenset({"currentuser", "current_user", "user"})
WORDS_AFTER_COLUMN = frozenset({"FORMAT", "FROM", "LIMIT", "SETTINGS", "UNION", "WHERE"})


def with_user_name(statement: Statement, user: str) -> Statement:
    """The statement with the user's name in the place of each call of `currentUser()` or an alias of it."""
    text, found = statement.text, statement.tokens
    for place in range(len(found) - 3, -1, -1):
        if _is_call(found, place):
            call = text[found[place].start : found[place + 2].end]
            alias = f" AS {quote_name(call)}" if _names_a_column(found, place) else ""
            text = f"{text[: found[place].start]}{quote(user)}{alias}{text[found[place + 2].end :]}"
    return statement if text == statement.text else parse(text)


def _is_call(found: list[Token], place: int) -> bool:
    is_part = place > 0 and found[place - 1].is_symbol(".")
    name, opening, closing = found[place : place + 3]
    return (
        name.name.lower() in FUNCTIONS and opening.is_symbol("(") and closing.is_symbol(")") and not is_part
    )


def _names_a_column(found: list[Token], place: int) -> bool:
    """Whether the call alone is an expression of a SELECT, without an alias: its text names the column."""
    before = found[place - 1] if place else None
    after = found[place + 3] if place + 3 < len(found) else None
    starts = before is not None and (before.keyword in {"SELECT", "DISTINCT"} or before.is_symbol(","))
    return starts and (after is None or after.keyword in WORDS_AFTER_COLUMN or after.text in {",", ";", ")"})
