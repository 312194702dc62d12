"""System tables as users see them: the process list with the clients' query ids, `system.settings`."""

from __future__ import annotations

from clickhouse_server.engine import QUERY_TAG_SETTING, quote
from clickhouse_server.errors import ClickHouseError
from clickhouse_server.lexer import Token
from clickhouse_server.statement import Statement, parse

TAG = f"splitByChar('\\t', Settings['{QUERY_TAG_SETTING}'])"
WORDS_AFTER_TABLE = frozenset(
    (
        "ALL", "ANTI", "ANY", "ARRAY", "ASOF", "CROSS", "EXCEPT", "FORMAT", "FULL", "GLOBAL", "GROUP",
        "HAVING", "INNER", "INTERSECT", "INTO", "JOIN", "LEFT", "LIMIT", "LOCAL", "NATURAL", "OFFSET", "ON",
        "ORDER", "PASTE", "PREWHERE", "QUALIFY", "RIGHT", "SELECT", "SEMI", "SETTINGS", "UNION", "USING",
        "WHERE", "WINDOW", "WITH",
    )
)  # fmt: skip
KILL_MODES = frozenset({"SYNC", "ASYNC", "TEST"})


def process_list(user: str | None = None) -> str:
    """A subquery like `system.processes` with the clients' ids and users; of one user's queries only."""
    condition = "" if user is None else f" WHERE {TAG}[2] = {quote(user)}"
    return (
        f"view(SELECT * REPLACE({TAG}[1] AS query_id, {TAG}[1] AS initial_query_id, "  # noqa: S608
        f"{TAG}[2] AS user, {TAG}[2] AS initial_user) FROM system.processes{condition})"
    )


def show_as_select(statement: Statement) -> Statement:
    """SHOW PROCESSLIST as the SELECT that it stands for; other statements as they are."""
    if statement.start == "SHOW" and statement.tokens[1].keyword == "PROCESSLIST":
        return parse(statement.with_start("SELECT * FROM system.processes", 2))
    return statement


def replace_system_table(statement: Statement, table: str, replacement: str) -> Statement:
    """The statement, reading `replacement` instead of system.<table>; itself where it does not read it."""
    text, found = statement.text, statement.tokens
    for place in reversed(_mentions(statement, table)):
        if _is_read(found, place):
            alias = "" if _has_alias(found, place + 3) else f" AS {table}"
            text = f"{text[: found[place].start]}{replacement}{alias}{text[found[place + 2].end :]}"
    return statement if text == statement.text else parse(text)


def is_only_read(statement: Statement, table: str) -> bool:
    """Whether each mention of system.<table> is one that `replace_system_table` replaces."""
    return all(_is_read(statement.tokens, place) for place in _mentions(statement, table))


def _mentions(statement: Statement, table: str) -> list[int]:
    """The places of the tokens system . table."""
    found = statement.tokens
    if table not in statement.text.lower():
        return []
    return [
        place
        for place in range(len(found) - 2)
        if found[place + 2].name.lower() == table
        and found[place + 1].is_symbol(".")
        and found[place].name.lower() == "system"
    ]


def _is_read(found: list[Token], place: int) -> bool:
    return place > 0 and (found[place - 1].keyword in {"FROM", "JOIN"})


def _has_alias(found: list[Token], place: int) -> bool:
    return place < len(found) and (
        found[place].keyword in {"AS", "FINAL", "SAMPLE"} or _is_name(found[place])
    )


def _is_name(token: Token) -> bool:
    return bool(token.name) and token.keyword not in WORDS_AFTER_TABLE


def kill_as_select(statement: Statement, own_query_id: str) -> tuple[Statement, bool]:
    """KILL QUERY as a SELECT of what it would stop, and whether it is only to be listed (TEST)."""
    found = [token for token in statement.tokens if not token.is_symbol(";")]
    if len(found) < 4 or found[2].keyword != "WHERE":
        raise ClickHouseError(
            62, "SYNTAX_ERROR", "Syntax error: expected KILL QUERY WHERE <condition> [SYNC|ASYNC|TEST]"
        )
    end, mode = _condition_end(found, statement)
    condition = statement.text[found[2].end : end]
    output = f"FORMAT {statement.format}" if statement.format else ""
    text = (
        "SELECT 'waiting' AS kill_status, query_id, user, query FROM system.processes "  # noqa: S608
        f"WHERE ({condition}\n) AND query_id NOT IN ('', {quote(own_query_id)}) {output}"
    )
    return parse(text), mode == "TEST"


def _condition_end(found: list[Token], statement: Statement) -> tuple[int, str]:
    inside = [token for token in found if token.end <= statement.body_end]
    if inside[-1].keyword in KILL_MODES:
        return inside[-2].end, inside[-1].keyword
    return inside[-1].end, "ASYNC"
