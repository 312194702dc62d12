"""Which statements a reader may run: the checks in front of the engine's grants.

The text is first rewritten by the engine's own parser into its canonical form, without comments, odd quoting
and escapes. Only that form is checked, and only that form is run. What is not listed as allowed is refused:
statements, functions, table functions, system tables and settings.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from clickhouse_server.access import READABLE_SYSTEM_TABLES
from clickhouse_server.engine import Connection
from clickhouse_server.errors import ClickHouseError, access_denied
from clickhouse_server.lexer import Token, TokenKind
from clickhouse_server.reader_functions import Functions
from clickhouse_server.reader_settings import ReaderSettings
from clickhouse_server.settings_clause import Assignment, assignments
from clickhouse_server.statement import Statement, parse
from clickhouse_server.structure import FUNCTIONS_WITH_STRUCTURE, check_structure_arguments
from clickhouse_server.writer_guard import check_not_parallel

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

READER_STARTS = frozenset({"SELECT", "WITH", "SHOW", "DESCRIBE", "EXISTS", "EXPLAIN", "SET", "USE"})
READER_SHOWS = frozenset(
    {
        "DATABASES", "TABLES", "FULL", "COLUMNS", "CREATE", "FUNCTIONS", "SETTINGS", "SETTING", "INDEXES",
        "CHANGED", "DICTIONARIES", "ENGINES", "GRANTS", "PROCESSLIST",
    }
)  # fmt: skip
EXPLAIN_KINDS = frozenset({"AST", "SYNTAX", "PLAN", "PIPELINE", "ESTIMATE", "QUERY", "TREE"})
EXPLAIN_SETTINGS = frozenset(
    {
        "actions", "compact", "description", "distributed", "dump_ast", "dump_passes", "dump_tree", "graph",
        "header", "indexes", "json", "keep_logical_steps", "oneline", "optimize", "passes", "pretty",
        "projections", "query_tree_passes", "run_passes", "run_query_tree_passes", "sorting",
    }
)  # fmt: skip
INFORMATION_SCHEMA_TABLES = (
    "character_sets", "collations", "columns", "engines", "key_column_usage", "referential_constraints",
    "schemata", "statistics", "tables", "views",
)  # fmt: skip
FILE_FORMATS = ("template", "customseparated", "capnproto", "protobuf", "avroconfluent")
READABLE_TABLES_OF = {
    "system": frozenset((*READABLE_SYSTEM_TABLES, "processes")),
    "information_schema": frozenset(INFORMATION_SCHEMA_TABLES),
}


@dataclass(frozen=True)
class ReaderStatement:
    """A reader's statement in its canonical form, and the settings that its text gives."""

    statement: Statement
    settings: dict[str, str]


class ReaderGuard:
    """Checks every statement of a reader before the engine runs it."""

    def __init__(self, functions: Functions) -> None:
        self._functions = functions

    def check(self, text: str, connection: Connection, settings: ReaderSettings) -> ReaderStatement:
        """The statement to run instead of `text`; raises ClickHouseError if the reader may not run it."""
        statement = parse(canonical(connection, text))
        found = statement.tokens
        _check_start(found)
        check_not_parallel(found)
        for place, token in enumerate(found):
            self._check_function(found, place)
            _check_parameter_type(token)
        _check_system_tables(found)
        return ReaderStatement(statement, _text_settings(statement, settings))

    def _check_function(self, found: list[Token], place: int) -> None:
        """Functions are called `f(...)`, applied `APPLY f`, or passed by name `arrayMap(f, ...)`."""
        token = found[place]
        after = found[place + 1] if place + 1 < len(found) else None
        before = found[place - 1] if place else None
        if not token.name or (token.keyword in WORDS_BEFORE_PARENTHESIS):
            return
        called = after is not None and after.is_symbol("(")
        applied = before is not None and before.keyword == "APPLY"
        if (called or applied) and not self._functions.may_call(token.name):
            raise access_denied(f"Not enough privileges to use {token.name}(...)")
        if called and token.name.lower() in FUNCTIONS_WITH_STRUCTURE:
            check_structure_arguments(found, place + 1)
        if _is_bare(before, after) and self._functions.is_forbidden(token.name):
            raise access_denied(f"Not enough privileges to use {token.name}; qualify it if it is a column")


def _is_bare(before: Token | None, after: Token | None) -> bool:
    qualified = (before is not None and before.is_symbol(".")) or (after is not None and after.is_symbol("."))
    return not qualified and not (before is not None and before.keyword == "AS")


def canonical(connection: Connection, text: str) -> str:
    """One statement in the engine's own spelling; raises for several statements, or for none."""
    escaped = text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n")
    query = "SELECT formatQuerySingleLineOrNull({text:String})"
    answer = connection.run(query, "JSONCompactEachRow", {"text": escaped}).bytes()
    try:
        written: str | None = json.loads(answer)[0]
    except UnicodeDecodeError as error:
        raise ClickHouseError(62, "SYNTAX_ERROR", "Syntax error: the query is not UTF-8") from error
    if written is None:
        # Raises with what is wrong. The text must not stand in the statement itself: the engine would run
        # whatever follows a semicolon.
        try:
            connection.run("SELECT formatQuerySingleLine({text:String})", params={"text": escaped})
        except ClickHouseError as error:
            raise ClickHouseError(
                error.code, error.name, error.message.split(": In scope SELECT format")[0]
            ) from None
        raise ClickHouseError(62, "SYNTAX_ERROR", "Syntax error (Multi-statements are not allowed)")
    return written


def _text_settings(statement: Statement, settings: ReaderSettings) -> dict[str, str]:
    """The settings to set before the statement; the engine ignores those of a subquery."""
    given: dict[str, str] = {}
    for assignment in assignments(statement):
        settings.check(assignment.name, assignment.value)
        if assignment.is_nested:
            _check_nested(assignment, settings)
        elif given.setdefault(assignment.name, assignment.value) != assignment.value:
            raise ClickHouseError(
                164, "READONLY", f"Setting {assignment.name} is given with different values"
            )
    return settings.checked(given)


def _check_nested(assignment: Assignment, settings: ReaderSettings) -> None:
    if not settings.is_in_force(assignment.name, assignment.value):
        raise ClickHouseError(
            164,
            "READONLY",
            f"Cannot modify '{assignment.name}' setting in a subquery; give it at the end of the statement",
        )


def _check_start(found: list[Token]) -> None:
    words = [token.keyword for token in found if not token.is_symbol("(")]
    start, second = [*words, "", ""][:2]
    if start not in READER_STARTS or (start == "SET" and second in {"ROLE", "DEFAULT", "TRANSACTION"}):
        what = " ".join(word for word in (start, second if start == "SET" else "") if word)
        raise access_denied(f"Not enough privileges: a reader cannot run {what or 'this statement'}")
    if start == "SHOW":
        _check_show(words)
    if start == "EXPLAIN":
        _check_explain(found)


def _check_show(words: list[str]) -> None:
    if words[1:3] in (["CURRENT", "ROLES"], ["ENABLED", "ROLES"]):
        return
    if words[1] not in READER_SHOWS or (words[1] == "GRANTS" and "FOR" in words):
        raise access_denied(f"Not enough privileges to run SHOW {' '.join(words[1:3])}")


def _check_explain(found: list[Token]) -> None:
    """EXPLAIN [kind] [setting = number, ...] SELECT ..."""
    place = 1
    while place < len(found) and found[place].keyword in EXPLAIN_KINDS:
        place += 1
    while place + 2 < len(found) and found[place + 1].is_symbol("="):
        name, value = found[place], found[place + 2]
        if name.text.lower() not in EXPLAIN_SETTINGS or value.kind is not TokenKind.NUMBER:
            raise access_denied(f"Not enough privileges to use EXPLAIN with {name.text}")
        place += 4 if found[place + 3].is_symbol(",") else 3
    rest = (token.keyword for token in found[place:] if not token.is_symbol("("))
    if next(rest, "") not in {"SELECT", "WITH"}:
        raise access_denied("Not enough privileges: a reader explains SELECT only")


def _check_parameter_type(token: Token) -> None:
    if token.name.lower() == "identifier":
        raise access_denied("Not enough privileges to use parameters of type Identifier")


def _check_system_tables(found: list[Token]) -> None:
    """The engine lets every user read some system tables that show other users' queries and its internals."""
    for place in range(len(found) - 2):
        readable = READABLE_TABLES_OF.get(found[place].name.lower())
        if readable is None or not found[place + 1].is_symbol("."):
            continue
        if found[place + 2].name.lower() not in readable:
            raise access_denied(f"Not enough privileges to read {found[place].name}.{found[place + 2].name}")


def check_reader_database(database: str) -> None:
    """Raise for a current database in which a table's bare name could mean a system table."""
    if database.lower() in READABLE_TABLES_OF:
        raise access_denied(f"Not enough privileges to make {database} the current database")


def check_reader_format(output: str) -> None:
    """Refuse a reader's output format that reads or writes schema files."""
    if output.lower().startswith(FILE_FORMATS):
        raise access_denied(f"Not enough privileges to use format {output}: it uses schema files")
