"""Which statements a role may run: the wall in front of the engine's grants.

For a BI user the engine's own parser first rewrites the text into its canonical form, without
comments, odd quoting and escapes. Only that form is inspected, and only that form is run. What is
not known to be harmless is refused: statements, functions, table functions and settings.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import pairwise

from clickhouse_server.engine import Connection
from clickhouse_server.errors import WarehouseError, access_denied
from clickhouse_server.harmless import (
    INFORMATION_SCHEMA_TABLES,
    READER_CEILINGS,
    READER_SETTING_PREFIX,
    READER_SETTINGS,
    Functions,
)
from clickhouse_server.lexer import Kind, Token
from clickhouse_server.roles import BI_SYSTEM_TABLES
from clickhouse_server.statement import Statement, parse

WORDS_BEFORE_PARENTHESIS = frozenset(
    (
        "ALL", "AND", "ANY", "APPLY", "ARRAY", "AS", "ASC", "BETWEEN", "BY", "CASE", "COLUMNS",
        "CUBE", "DESC", "DISTINCT", "ELSE", "EXCEPT", "EXISTS", "EXPLAIN", "FILTER", "FROM",
        "GLOBAL", "GROUPING", "HAVING", "ILIKE", "IN", "INTERPOLATE", "INTERSECT", "INTERVAL", "IS",
        "JOIN", "LIKE", "LIMIT", "MATERIALIZED", "NOT", "OFFSET", "ON", "OR", "OVER", "PARTITION",
        "PREWHERE", "QUALIFY", "REPLACE", "ROLLUP", "ROWS", "SAMPLE", "SELECT", "SETS", "THEN",
        "TO", "UNION", "USING", "VALUES", "WHEN", "WHERE", "WINDOW", "WITH", "WITHIN", "STRICT",
        "END", "TOTALS", "FILL", "STEP", "SEMI", "ANTI", "ASOF", "LEFT", "RIGHT", "FULL", "INNER",
        "OUTER", "CROSS", "PASTE", "FINAL", "ORDER", "GROUP", "TABLE", "AST", "SYNTAX", "PLAN",
        "PIPELINE", "ESTIMATE", "TREE", "QUERY", "DESCRIBE", "RANGE",
    )
)  # fmt: skip

READER_STARTS = frozenset({"SELECT", "WITH", "SHOW", "DESCRIBE", "EXISTS", "EXPLAIN"})
READER_SHOWS = frozenset(
    {"DATABASES", "TABLES", "FULL", "COLUMNS", "CREATE", "FUNCTIONS", "SETTINGS", "INDEXES", "CHANGED"}
)
EXPLAIN_WORDS = frozenset({"AST", "SYNTAX", "PLAN", "PIPELINE", "ESTIMATE", "QUERY", "TREE"})
FILE_SETTINGS = frozenset({"output_format_schema"})
FILE_FORMATS = ("template", "customseparated", "capnproto", "protobuf", "avroconfluent")
READABLE_SYSTEM_TABLES = {
    "system": frozenset(BI_SYSTEM_TABLES),
    "information_schema": frozenset(INFORMATION_SCHEMA_TABLES),
}
ACCESS_ENTITIES = frozenset(
    {"USER", "ROLE", "ROW", "POLICY", "QUOTA", "SETTINGS", "PROFILE", "MASKING", "NAMED", "FUNCTION"}
)


class Guard:
    """Judges every statement before the engine runs it."""

    def __init__(self, functions: Functions) -> None:
        self._functions = functions

    def admit(self, role: str, statement: Statement, connection: Connection) -> Statement:
        """The statement to run for this role; raises WarehouseError where it may not."""
        if role == "bi":
            return self._admit_reader(parse(canonical(connection, statement.text)))
        if role != "admin":
            _check_parallel(statement.tokens)
            _check_writer(statement.tokens)
        return statement

    def _admit_reader(self, statement: Statement) -> Statement:
        found = statement.tokens
        _check_start(found)
        _check_parallel(found)
        for place, token in enumerate(found):
            after = found[place + 1] if place + 1 < len(found) else None
            before = found[place - 1] if place else None
            self._check_function(before, token, after)
            _check_parameter_type(token)
        _check_system_tables(found)
        _check_settings_clauses(found)
        return statement

    def _check_function(self, before: Token | None, token: Token, after: Token | None) -> None:
        """Functions are called `f(...)`, applied `APPLY f`, or passed by name `arrayMap(f, ...)`."""
        if not token.name or (token.keyword in WORDS_BEFORE_PARENTHESIS):
            return
        called = after is not None and after.is_symbol("(")
        applied = before is not None and before.keyword == "APPLY"
        if (called or applied) and not self._functions.may_call(token.name):
            raise access_denied(f"Not enough privileges to use {token.name}(...)")
        if _is_bare(before, after) and self._functions.is_harmful(token.name):
            raise access_denied(f"Not enough privileges to use {token.name}; qualify it if it is a column")


def _is_bare(before: Token | None, after: Token | None) -> bool:
    qualified = (before is not None and before.is_symbol(".")) or (after is not None and after.is_symbol("."))
    return not qualified and not (before is not None and before.keyword == "AS")


def canonical(connection: Connection, text: str) -> str:
    """One statement in the engine's own spelling; raises for several statements, or for none."""
    escaped = text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n")
    query = "SELECT formatQuerySingleLineOrNull({text:String})"
    answer = connection.run(query, "JSONCompactEachRow", {"text": escaped}).bytes()
    written: str | None = json.loads(answer)[0]
    if written is None:
        # Says what is wrong with it. The text must not stand in the statement itself: the engine would run
        # whatever follows a semicolon.
        connection.run("SELECT formatQuerySingleLine({text:String})", params={"text": escaped})
        raise WarehouseError(62, "SYNTAX_ERROR", "Syntax error: exactly one statement is allowed")
    return written


def reader_settings(settings: Mapping[str, str]) -> dict[str, str]:
    """The settings a BI user may give with a query; raises for one that it may not."""
    for name, value in settings.items():
        _check_setting(name, value)
    return {name: value for name, value in settings.items() if name != "readonly"}


def _check_setting(name: str, value: str) -> None:
    chooses_looks = name.startswith(READER_SETTING_PREFIX) and name not in FILE_SETTINGS
    if name not in READER_SETTINGS and not chooses_looks:
        raise _readonly(name)
    if name == "readonly" and value not in {"1", "2"}:
        raise _readonly(name)
    if name in READER_CEILINGS and not _is_within(value, READER_CEILINGS[name]):
        raise WarehouseError(
            452,
            "SETTING_CONSTRAINT_VIOLATION",
            f"Setting {name} should be between 1 and {READER_CEILINGS[name]:.0f}",
        )


def _is_within(value: str, ceiling: float) -> bool:
    try:
        return 0 < float(value) <= ceiling
    except ValueError:
        return False


def _readonly(name: str) -> WarehouseError:
    return WarehouseError(164, "READONLY", f"Cannot modify '{name}' setting in readonly mode")


def _check_start(found: list[Token]) -> None:
    words = [token.keyword for token in found if not token.is_symbol("(")]
    start = words[0] if words else ""
    if start not in READER_STARTS:
        raise access_denied(
            f"Not enough privileges: a BI user only reads, and cannot run {start or 'this statement'}"
        )
    if start == "SHOW" and words[1] not in READER_SHOWS:
        raise access_denied(f"Not enough privileges to run SHOW {words[1]}")
    if start == "EXPLAIN":
        inner = next((word for word in words[1:] if word and word not in EXPLAIN_WORDS), "")
        if inner not in {"SELECT", "WITH"}:
            raise access_denied(
                "Not enough privileges: a BI user explains SELECT only, without EXPLAIN settings"
            )


def _check_parallel(found: list[Token]) -> None:
    """A statement beside another would not be judged by its own first word."""
    for token, after in pairwise(found):
        if token.keyword == "PARALLEL" and after.keyword == "WITH":
            raise access_denied("Not enough privileges to run statements PARALLEL WITH each other")


def _check_parameter_type(token: Token) -> None:
    if token.name.lower() == "identifier":
        raise access_denied("Not enough privileges to use parameters of type Identifier")


def _check_system_tables(found: list[Token]) -> None:
    """Every user may read system tables of the engine that show other users' queries and its insides."""
    for place in range(len(found) - 2):
        readable = READABLE_SYSTEM_TABLES.get(found[place].name.lower())
        if readable is None or not found[place + 1].is_symbol("."):
            continue
        if found[place + 2].name.lower() not in readable:
            raise access_denied(f"Not enough privileges to read {found[place].name}.{found[place + 2].name}")


def reader_database(database: str) -> str:
    """The current database of a BI user; not one in which a bare name could mean a system table."""
    if database.lower() in READABLE_SYSTEM_TABLES:
        raise access_denied(f"Not enough privileges to make {database} the current database")
    return database


def _check_settings_clauses(found: list[Token]) -> None:
    """Settings in the text are refused; the engine's `readonly` is the second wall."""
    for place in range(len(found) - 2):
        if found[place].keyword == "SETTINGS" and found[place + 2].is_symbol("="):
            raise _readonly(found[place + 1].name)


def check_reader_format(output: str) -> None:
    """Refuse a BI user's output format that reads or writes schema files."""
    if output.lower().startswith(FILE_FORMATS):
        raise access_denied(f"Not enough privileges to use format {output}: it uses schema files")


def _check_writer(found: list[Token]) -> None:
    """A writer manages data, not access, and reads no files of this machine."""
    words = [token.keyword for token in found[:4]]
    start, second = [*words, "", ""][:2]
    if start == "SET" and "ROLE" in words[1:3]:
        raise access_denied("Not enough privileges to change roles")
    if start in {"GRANT", "REVOKE", "EXECUTE"}:
        raise access_denied(f"Not enough privileges to run {start}")
    if start in {"CREATE", "ALTER", "DROP"} and second in ACCESS_ENTITIES:
        raise access_denied(f"Not enough privileges to run {start} {second}")
    for before, token in pairwise(found):
        unclear = token.kind is Kind.QUOTED and "\\" in token.text
        if (token.name.lower() == "file" and not before.is_symbol(".")) or unclear:
            raise access_denied(
                f"Not enough privileges to use {token.text}; a column of this name must be qualified"
            )
