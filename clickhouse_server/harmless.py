"""What a BI user may call and choose: everything here is known to be harmless, all else is not allowed."""

from __future__ import annotations

from dataclasses import dataclass

from clickhouse_server.engine import Connection

HARMLESS_CATEGORIES = (
    "Aggregate Functions", "Arithmetic", "Arrays", "Bit", "Bitmap", "Comparison", "Conditional",
    "Dates and Times", "Distance", "Encoding", "Encryption", "Financial", "Geo", "Geo Polygon", "Hash",
    "IP Address", "JSON", "Logical", "Map", "Mathematical", "Null", "NumericIndexedVector", "QBit",
    "Random Number", "Rounding", "String", "String Replacement", "String Search", "String Splitting",
    "Time Window", "Tuple", "Type Conversion", "URL", "UUID",
)  # fmt: skip
HARMLESS_FUNCTIONS = (
    "bar", "byteSize", "caseWithExpression", "_CAST", "countDigits", "currentDatabase", "currentSchemas",
    "currentUser", "currentRoles", "enabledRoles", "defaultValueOfTypeName", "finalizeAggregation",
    "formatReadableDecimalSize", "formatReadableQuantity", "formatReadableSize", "formatReadableTimeDelta",
    "getSetting", "getSubcolumn", "identity", "ignore", "indexHint", "isConstant", "materialize", "neighbor",
    "parseReadableSize", "parseTimeDelta", "queryID", "rowNumberInAllBlocks", "rowNumberInBlock",
    "runningDifference", "throwIf", "toColumnTypeName", "toTypeName", "transform", "uptime", "variantElement",
    "variantType", "version", "visibleWidth", "formatQuery", "formatQuerySingleLine", "formatQueryOrNull",
    "formatQuerySingleLineOrNull", "hostName", "displayName",
)  # fmt: skip
# In a harmless category, but they read the files that format settings name.
HARMFUL_FUNCTIONS = ("formatRow", "formatRowNoNewline")
HARMLESS_TABLE_FUNCTIONS = (
    "format", "generateSeries", "generate_series", "null", "numbers", "numbers_mt", "values", "view", "zeros",
)  # fmt: skip
INFORMATION_SCHEMA_TABLES = (
    "schemata", "tables", "columns", "views", "statistics", "key_column_usage", "referential_constraints",
)  # fmt: skip

# What a reader may choose for itself: how results look and how long to wait, never how much may be read.
READER_SETTINGS = frozenset(
    (
        "max_threads", "max_block_size", "max_execution_time", "max_result_rows",
        "max_result_bytes", "result_overflow_mode", "session_timezone", "date_time_output_format",
        "date_time_input_format", "bool_true_representation", "bool_false_representation",
        "extremes", "limit", "offset", "join_use_nulls", "cast_keep_nullable",
        "log_comment", "readonly", "max_query_size", "connect_timeout", "receive_timeout",
        "send_timeout", "http_connection_timeout", "http_receive_timeout", "http_send_timeout",
        "send_progress_in_http_headers", "http_headers_progress_interval_ms",
        "http_write_exception_in_output_format", "cancel_http_readonly_queries_on_client_close",
        "add_http_cors_header", "http_zlib_compression_level", "format_csv_delimiter",
        "format_csv_null_representation", "format_tsv_null_representation",
        "format_binary_max_string_size",
    )
)  # fmt: skip
READER_SETTING_PREFIX = "output_format_"
READER_CEILINGS = {
    "max_execution_time": 300.0,
    "max_result_bytes": float(8 << 30),
    "max_block_size": 1e6,
    "max_threads": 64.0,
    "max_query_size": 1e6,
}


@dataclass(frozen=True)
class Functions:
    """Function names in lower case, as the running engine knows them."""

    allowed: frozenset[str]
    harmful: frozenset[str]
    aggregates: frozenset[str]
    combinators: tuple[str, ...]

    def may_call(self, name: str) -> bool:
        """Whether a function, table function or type of this name is harmless."""
        name = name.lower()
        return name in self.allowed or self._is_aggregate(name)

    def is_harmful(self, name: str) -> bool:
        """Whether it names a function that may not be called; functions are also passed by bare name."""
        return name.lower() in self.harmful

    def _is_aggregate(self, name: str) -> bool:
        if name in self.aggregates:
            return True
        return any(
            name.endswith(suffix) and self._is_aggregate(name[: -len(suffix)]) for suffix in self.combinators
        )


def harmless_functions(connection: Connection) -> Functions:
    """Read from the engine which functions exist, and keep those known to be harmless."""
    functions = connection.rows(
        "SELECT lower(name), categories, lower(alias_to), is_aggregate FROM system.functions"
    )
    listed = {name.lower() for name in HARMLESS_FUNCTIONS}
    known = {
        name
        for name, category, alias, _ in functions
        if not alias and (category in HARMLESS_CATEGORIES or name in listed)
    }
    known -= {name.lower() for name in HARMFUL_FUNCTIONS}
    known |= {name for name, _, alias, _ in functions if alias in known}
    everything = {name for name, *_ in functions}
    known -= _names(connection, "table_functions")
    return Functions(
        allowed=frozenset(
            known
            | _names(connection, "data_type_families")
            | {name.lower() for name in HARMLESS_TABLE_FUNCTIONS}
        ),
        harmful=frozenset(everything - known - {"format"}),
        aggregates=frozenset(
            name for name, _, _, aggregate in functions if aggregate == "1" and name in known
        ),
        combinators=tuple(_names(connection, "aggregate_function_combinators")),
    )


def _names(connection: Connection, table: str) -> set[str]:
    return {name for (name,) in connection.rows(f"SELECT lower(name) FROM system.{table}") if name}  # noqa: S608
