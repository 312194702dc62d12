"""What a writer may not run although the engine's grants would let it: access management and files."""

from __future__ import annotations

from itertools import pairwise

from clickhouse_server.errors import access_denied
from clickhouse_server.lexer import Token, TokenKind
from clickhouse_server.statement import Statement

ACCESS_ENTITIES = frozenset(
    {"USER", "ROLE", "ROW", "POLICY", "QUOTA", "SETTINGS", "PROFILE", "MASKING", "NAMED", "FUNCTION"}
)


def check_writer(statement: Statement) -> None:
    """Raise ClickHouseError for a statement that manages access or reads files of this machine."""
    found = statement.tokens
    check_not_parallel(found)
    words = [token.keyword for token in found[:4]]
    start, second = [*words, "", ""][:2]
    if start == "SET" and "ROLE" in words[1:3]:
        raise access_denied("Not enough privileges to change roles")
    if start in {"GRANT", "REVOKE", "EXECUTE"}:
        raise access_denied(f"Not enough privileges to run {start}")
    if start in {"CREATE", "ALTER", "DROP"} and second in ACCESS_ENTITIES:
        raise access_denied(f"Not enough privileges to run {start} {second}")
    for before, token in pairwise(found):
        has_escapes = token.kind is TokenKind.QUOTED and "\\" in token.text
        if (token.name.lower() == "file" and not before.is_symbol(".")) or has_escapes:
            raise access_denied(
                f"Not enough privileges to use {token.text}; a column of this name must be qualified"
            )


def check_not_parallel(found: list[Token]) -> None:
    """Refuse PARALLEL WITH: only the first of parallel statements would be checked by its first word."""
    for token, after in pairwise(found):
        if token.keyword == "PARALLEL" and after.keyword == "WITH":
            raise access_denied("Not enough privileges to run statements PARALLEL WITH each other")
