"""The process list in the clients' terms: their query ids and users."""

from __future__ import annotations

from clickhouse_server.engine import MARK_SETTING, quote
from clickhouse_server.errors import WarehouseError
from clickhouse_server.lexer import Token
from clickhouse_server.statement import Statement, parse

MARK = f"splitByChar('\\t', Settings['{MARK_SETTING}'])"
AS_CLIENTS_SEE = (
    f"view(SELECT * REPLACE({MARK}[1] AS query_id, {MARK}[1] AS initial_query_id, "  # noqa: S608
    f"{MARK}[2] AS user, {MARK}[2] AS initial_user) FROM system.processes)"
)
KILL_MODES = frozenset({"SYNC", "ASYNC", "TEST"})


def with_client_ids(statement: Statement) -> Statement:
    """The statement, reading `system.processes` with the clients' query ids and users."""
    text, found = statement.text, statement.tokens
    if "processes" not in text.lower():
        return statement
    for place in range(len(found) - 3, -1, -1):
        names = [token.name.lower() for token in found[place : place + 3]]
        follows = found[place - 1].keyword if place else ""
        if names == ["system", "", "processes"] and follows in {"FROM", "JOIN"}:
            text = text[: found[place].start] + AS_CLIENTS_SEE + text[found[place + 2].end :]
    return parse(text)


def kill_as_select(statement: Statement, own_query_id: str) -> tuple[Statement, bool]:
    """KILL QUERY as a SELECT of what it would stop, and whether it is to be stopped (not TEST)."""
    found = [token for token in statement.tokens if not token.is_symbol(";")]
    if len(found) < 4 or found[2].keyword != "WHERE":
        raise WarehouseError(
            62, "SYNTAX_ERROR", "Syntax error: expected KILL QUERY WHERE <condition> [SYNC|ASYNC|TEST]"
        )
    end, mode = _condition_end(found, statement)
    condition = statement.text[found[2].end : end]
    output = f"FORMAT {statement.format}" if statement.format else ""
    text = (
        f"SELECT 'waiting' AS kill_status, query_id, user, query FROM {AS_CLIENTS_SEE} "  # noqa: S608
        f"WHERE ({condition}\n) AND query_id NOT IN ('', {quote(own_query_id)}) {output}"
    )
    return parse(text), mode != "TEST"


def _condition_end(found: list[Token], statement: Statement) -> tuple[int, str]:
    inside = [token for token in found if token.end <= statement.body_end]
    if inside[-1].keyword in KILL_MODES:
        return inside[-2].end, inside[-1].keyword
    return inside[-1].end, "ASYNC"
