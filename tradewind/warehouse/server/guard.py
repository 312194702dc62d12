"""Which statements a role may run: the wall in front of the engine's grants.

For a BI user the engine's own parser first rewrites the text into its canonical form, without
comments, odd quoting and escapes. Only that form is inspected, and only that form is run. What is
not known to be harmless is refused: statements, functions, table functions and settings.

Belongs here: judging texts and settings. Doesn't: rights on databases and tables (`roles`: the
engine checks those, where names are resolved).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from tradewind.warehouse.server.engine import Connection
from tradewind.warehouse.server.errors import WarehouseError, access_denied
from tradewind.warehouse.server.lexer import Token, tokens
from tradewind.warehouse.server.statement import Statement, parse

HARMLESS_CATEGORIES = (
    "Aggregate Functions", "Arithmetic", "Arrays", "Bit", "Bitmap", "Comparison", "Conditional", "Dates and Times",
    "Distance", "Encoding", "Encryption", "Financial", "Geo", "Geo Polygon", "Hash", "IP Address", "JSON", "Logical",
    "Map", "Mathematical", "Null", "NumericIndexedVector", "QBit", "Random Number", "Rounding", "String",
    "String Replacement", "String Search", "String Splitting", "Time Window", "Tuple", "Type Conversion", "URL", "UUID",
)  # fmt: skip
HARMLESS_FUNCTIONS = (
    "bar", "byteSize", "caseWithExpression", "_CAST", "countDigits", "currentDatabase", "currentSchemas", "currentUser",
    "currentRoles", "enabledRoles", "defaultValueOfTypeName", "finalizeAggregation", "formatReadableDecimalSize",
    "formatReadableQuantity", "formatReadableSize", "formatReadableTimeDelta", "getSetting", "getSubcolumn", "identity",
    "ignore", "indexHint", "isConstant", "materialize", "neighbor", "parseReadableSize", "parseTimeDelta", "queryID",
    "rowNumberInAllBlocks", "rowNumberInBlock", "runningDifference", "throwIf", "toColumnTypeName", "toTypeName",
    "transform", "uptime", "variantElement", "variantType", "version", "visibleWidth", "formatQuery",
    "formatQuerySingleLine", "formatQueryOrNull", "formatQuerySingleLineOrNull", "hostName", "displayName",
)  # fmt: skip
HARMFUL_FUNCTIONS = ("formatRow", "formatRowNoNewline")
HARMLESS_TABLE_FUNCTIONS = (
    "format", "generateSeries", "generate_series", "null", "numbers", "numbers_mt", "values", "view", "zeros",
)  # fmt: skip
WORDS_BEFORE_PARENTHESIS = frozenset(
    ["ALL", "AND", "ANY", "APPLY", "ARRAY", "AS", "ASC", "BETWEEN", "BY", "CASE", "COLUMNS", "CUBE", "DESC", "DISTINCT", "ELSE", "EXCEPT", "EXISTS", "EXPLAIN", "FILTER", "FROM", "GLOBAL", "GROUPING", "HAVING", "ILIKE", "IN", "INTERPOLATE", "INTERSECT", "INTERVAL", "IS", "JOIN", "LIKE", "LIMIT", "MATERIALIZED", "NOT", "OFFSET", "ON", "OR", "OVER", "PARTITION", "PREWHERE", "QUALIFY", "REPLACE", "ROLLUP", "ROWS", "SAMPLE", "SELECT", "SETS", "THEN", "TO", "UNION", "USING", "VALUES", "WHEN", "WHERE", "WINDOW", "WITH", "WITHIN", "STRICT", "END", "TOTALS", "FILL", "STEP", "SEMI", "ANTI", "ASOF", "LEFT", "RIGHT", "FULL", "INNER", "OUTER", "CROSS", "PASTE", "FINAL", "ORDER", "GROUP", "TABLE", "AST", "SYNTAX", "PLAN", "PIPELINE", "ESTIMATE", "TREE", "QUERY", "DESCRIBE", "RANGE"]
)

BI_STARTS = frozenset({"SELECT", "WITH", "SHOW", "DESCRIBE", "EXISTS", "EXPLAIN"})
BI_SHOWS = frozenset(
    {"DATABASES", "TABLES", "FULL", "COLUMNS", "CREATE", "FUNCTIONS", "SETTINGS", "INDEXES", "CHANGED"}
)
EXPLAIN_WORDS = frozenset({"AST", "SYNTAX", "PLAN", "PIPELINE", "ESTIMATE", "QUERY", "TREE"})
OTHERS_QUERIES = frozenset(
    {"processes", "processlist", "asynchronous_inserts", "query_cache", "merges", "mutations"}
)
LOG_TABLE = re.compile(r"_log(_\d+)?$")
ACCESS_ENTITIES = frozenset(
    {"USER", "ROLE", "ROW", "POLICY", "QUOTA", "SETTINGS", "PROFILE", "MASKING", "NAMED", "FUNCTION"}
)
FILE_FORMATS = ("template", "customseparated", "capnproto", "protobuf", "avroconfluent")

# What a reader may choose for itself: how results look and how long to wait, never how much may be read.
BI_SETTINGS = frozenset(
    ["max_threads", "max_block_size", "max_execution_time", "max_result_rows", "max_result_bytes", "result_overflow_mode", "session_timezone", "date_time_output_format", "date_time_input_format", "bool_true_representation", "bool_false_representation", "extremes", "limit", "offset", "join_use_nulls", "use_query_cache", "log_comment", "log_queries", "priority", "connect_timeout", "receive_timeout", "send_timeout", "http_connection_timeout", "http_receive_timeout", "http_send_timeout", "send_progress_in_http_headers", "http_headers_progress_interval_ms", "http_write_exception_in_output_format", "cancel_http_readonly_queries_on_client_close", "add_http_cors_header", "http_zlib_compression_level", "max_query_size", "max_ast_elements", "max_ast_depth", "max_expanded_ast_elements", "readonly", "format_csv_delimiter", "format_csv_null_representation", "format_tsv_null_representation", "format_binary_max_string_size", "cast_keep_nullable", "final"]
)
BI_CEILINGS = {
    "max_execution_time": 300.0,
    "max_result_bytes": float(8 << 30),
    "max_threads": 64.0,
    "max_query_size": 1e6,
}


@dataclass(frozen=True)
class Functions:
    """The names that may be called, in lower case, and what aggregate functions may be combined with."""

    allowed: frozenset[str]
    aggregates: frozenset[str]
    combinators: tuple[str, ...]

    def may_call(self, name: str) -> bool:
        """Whether a function, table function or type of this name is harmless."""
        name = name.lower()
        return name in self.allowed or self._is_aggregate(name)

    def _is_aggregate(self, name: str) -> bool:
        if name in self.aggregates:
            return True
        return any(
            name.endswith(suffix) and self._is_aggregate(name[: -len(suffix)])
            for suffix in self.combinators
            if suffix
        )


def harmless_functions(connection: Connection) -> Functions:
    """Read from the engine which functions exist, and keep those known to be harmless."""

    def names(query: str) -> set[str]:
        return {row[0].lower() for row in connection.rows(query)}

    categories = ", ".join(f"'{name}'" for name in HARMLESS_CATEGORIES)
    listed = ", ".join(f"'{name.lower()}'" for name in HARMLESS_FUNCTIONS)
    originals = (
        f"SELECT name FROM system.functions WHERE categories IN ({categories}) OR lower(name) IN ({listed})"
    )
    known = names(originals) - {name.lower() for name in HARMFUL_FUNCTIONS}
    quoted = ", ".join(f"'{name}'" for name in known)
    known |= names(f"SELECT name FROM system.functions WHERE lower(alias_to) IN ({quoted})")
    known -= names("SELECT name FROM system.table_functions")
    types = names("SELECT name FROM system.data_type_families")
    return Functions(
        allowed=frozenset(known | types | {name.lower() for name in HARMLESS_TABLE_FUNCTIONS}),
        aggregates=frozenset(names("SELECT name FROM system.functions WHERE is_aggregate") & known),
        combinators=tuple(names("SELECT name FROM system.aggregate_function_combinators")),
    )


class Guard:
    """Judges every statement before the engine runs it."""

    def __init__(self, functions: Functions) -> None:
        self._functions = functions

    def admit(self, role: str, statement: Statement, connection: Connection) -> Statement:
        """The statement to run for this role; raises WarehouseError where it may not."""
        if role == "bi":
            return self._admit_reader(canonical(connection, statement.text))
        if role != "admin":
            _refuse_access_management(list(tokens(statement.text)))
        return statement

    def _admit_reader(self, text: str) -> Statement:
        found = list(tokens(text))
        _check_start(found)
        for place, token in enumerate(found):
            after = found[place + 1] if place + 1 < len(found) else None
            self._check_call(found, place, token, after)
            _check_name(token)
        _check_settings_clauses(found)
        statement = parse(text)
        _check_format(statement.format)
        return statement

    def _check_call(self, found: list[Token], place: int, token: Token, after: Token | None) -> None:
        applied = place > 0 and found[place - 1].keyword == "APPLY" and token.name
        called = token.name and after is not None and after.is_symbol("(")
        if called and token.keyword in WORDS_BEFORE_PARENTHESIS:
            return
        if (applied or called) and not self._functions.may_call(token.name):
            raise access_denied(f"Not enough privileges to use {token.name}(...)")


def canonical(connection: Connection, text: str) -> str:
    """One statement in the engine's own spelling; raises for several statements, or for none."""
    escaped = text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n")
    query = "SELECT formatQuerySingleLineOrNull({text:String})"
    answer = connection.run(query, "JSONCompactEachRow", {"text": escaped}).bytes()
    written: str | None = json.loads(answer)[0]
    if written is None:
        connection.run(f"EXPLAIN AST {text}")
        raise WarehouseError(62, "SYNTAX_ERROR", "Syntax error: exactly one statement is allowed")
    return written


def reader_settings(settings: Mapping[str, str]) -> dict[str, str]:
    """The settings a BI user may give with a query; raises for one that it may not."""
    for name, value in settings.items():
        _check_setting(name, value)
    return {name: value for name, value in settings.items() if name != "readonly"}


def _check_setting(name: str, value: str) -> None:
    if name not in BI_SETTINGS and not name.startswith("output_format_"):
        raise _readonly(name)
    if name == "readonly" and value not in {"1", "2"}:
        raise _readonly(name)
    if name in BI_CEILINGS and not _is_within(value, BI_CEILINGS[name]):
        raise WarehouseError(
            452,
            "SETTING_CONSTRAINT_VIOLATION",
            f"Setting {name} should be between 1 and {BI_CEILINGS[name]:.0f}",
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
    if start not in BI_STARTS:
        raise access_denied(
            f"Not enough privileges: a BI user only reads, and cannot run {start or 'this statement'}"
        )
    if start == "SHOW" and words[1] not in BI_SHOWS:
        raise access_denied(f"Not enough privileges to run SHOW {words[1]}")
    if start == "EXPLAIN":
        inner = next((word for word in words[1:] if word and word not in EXPLAIN_WORDS), "")
        if inner not in {"SELECT", "WITH"}:
            raise access_denied(
                "Not enough privileges: a BI user explains SELECT only, without EXPLAIN settings"
            )


def _check_name(token: Token) -> None:
    name = token.name.lower()
    if name in OTHERS_QUERIES or LOG_TABLE.search(name):
        raise access_denied(f"Not enough privileges to read {token.name}: it shows other users' queries")
    if name == "identifier":
        raise access_denied("Not enough privileges to use parameters of type Identifier")


def _check_settings_clauses(found: list[Token]) -> None:
    """Settings in the text are refused with one exception per name; the engine's `readonly` refuses the rest."""
    for place in range(len(found) - 2):
        if found[place].keyword == "SETTINGS" and found[place + 2].is_symbol("="):
            raise _readonly(found[place + 1].name)


def _check_format(output: str | None) -> None:
    if output and output.lower().startswith(FILE_FORMATS):
        raise access_denied(f"Not enough privileges to use format {output}: it reads schema files")


def _refuse_access_management(found: list[Token]) -> None:
    words = [token.keyword for token in found[:8]]
    start, second = (words + ["", ""])[:2]
    if start == "SET" and ("ROLE" in words[1:3]):
        raise access_denied("Not enough privileges to change roles")
    if start in {"GRANT", "REVOKE", "EXECUTE"}:
        raise access_denied(f"Not enough privileges to run {start}")
    if start in {"CREATE", "ALTER", "DROP"} and second in ACCESS_ENTITIES:
        raise access_denied(f"Not enough privileges to run {start} {second}")
