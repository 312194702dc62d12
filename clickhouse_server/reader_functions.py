"""Which functions and table functions a reader may call: those listed here, no others."""

from __future__ import annotations

from dataclasses import dataclass

from clickhouse_server.engine import Connection

ALLOWED_CATEGORIES = (
    "Aggregate Functions", "Arithmetic", "Arrays", "Bit", "Bitmap", "Comparison", "Conditional",
    "Dates and Times", "Distance", "Encoding", "Encryption", "Financial", "Geo", "Geo Polygon", "Hash",
    "IP Address", "JSON", "Logical", "Map", "Mathematical", "Null", "NumericIndexedVector", "QBit",
    "Random Number", "Rounding", "String", "String Replacement", "String Search", "String Splitting",
    "Time Window", "Tuple", "Type Conversion", "URL", "UUID",
)  # fmt: skip
ALLOWED_FUNCTIONS = (
    "_CAST", "bar", "blockNumber", "blockSize", "byteSize", "caseWithExpression", "connectionId",
    "countDigits", "currentDatabase", "currentRoles", "currentSchemas", "currentUser",
    "defaultValueOfTypeName", "displayName", "dumpColumnStructure", "enabledRoles", "finalizeAggregation",
    "formatQuery", "formatQueryOrNull", "formatQuerySingleLine", "formatQuerySingleLineOrNull",
    "formatReadableDecimalSize", "formatReadableQuantity", "formatReadableSize",
    "formatReadableTimeDelta", "getSetting", "getSubcolumn", "globalVariable", "hostName", "identity",
    "ignore", "indexHint", "initialQueryID", "initialQueryStartTime", "isConstant", "isDecimalOverflow",
    "lowCardinalityIndices", "lowCardinalityKeys", "materialize", "neighbor", "parseReadableSize",
    "parseTimeDelta", "queryID", "revision", "rowNumberInAllBlocks", "rowNumberInBlock",
    "runningAccumulate", "runningDifference", "serverUUID", "throwIf", "toColumnTypeName", "toTypeName",
    "transform", "uptime", "variantElement", "variantType", "version", "visibleWidth",
)  # fmt: skip
# In an allowed category, but they read the files that format settings name.
FORBIDDEN_FUNCTIONS = ("formatRow", "formatRowNoNewline")
ALLOWED_TABLE_FUNCTIONS = (
    "format", "generateSeries", "generate_series", "null", "numbers", "numbers_mt", "values", "view", "zeros",
)  # fmt: skip


@dataclass(frozen=True)
class Functions:
    """Function names in lower case, as the running engine knows them."""

    allowed: frozenset[str]
    forbidden: frozenset[str]
    aggregates: frozenset[str]
    combinators: tuple[str, ...]

    def may_call(self, name: str) -> bool:
        """Whether a reader may call the function, table function or type of this name."""
        name = name.lower()
        return name in self.allowed or self._is_aggregate(name)

    def is_forbidden(self, name: str) -> bool:
        """Whether it names a function that may not be called; functions are also passed by bare name."""
        return name.lower() in self.forbidden

    def _is_aggregate(self, name: str) -> bool:
        if name in self.aggregates:
            return True
        return any(
            name.endswith(suffix) and self._is_aggregate(name[: -len(suffix)]) for suffix in self.combinators
        )


def read_functions(connection: Connection) -> Functions:
    """Read the names of all functions from the engine and sort them into allowed and forbidden."""
    functions = connection.rows(
        "SELECT lower(name), categories, lower(alias_to), is_aggregate FROM system.functions"
    )
    listed = {name.lower() for name in ALLOWED_FUNCTIONS}
    known = {
        name
        for name, category, alias, _ in functions
        if not alias and (category in ALLOWED_CATEGORIES or name in listed)
    }
    known -= {name.lower() for name in FORBIDDEN_FUNCTIONS}
    known |= {name for name, _, alias, _ in functions if alias in known}
    everything = {name for name, *_ in functions}
    known -= _names(connection, "table_functions")
    return Functions(
        allowed=frozenset(
            known
            | _names(connection, "data_type_families")
            | {name.lower() for name in ALLOWED_TABLE_FUNCTIONS}
        ),
        forbidden=frozenset(everything - known - {"format"}),
        aggregates=frozenset(
            name for name, _, _, aggregate in functions if aggregate == "1" and name in known
        ),
        combinators=tuple(_names(connection, "aggregate_function_combinators")),
    )


def _names(connection: Connection, table: str) -> set[str]:
    return {name for (name,) in connection.rows(f"SELECT lower(name) FROM system.{table}") if name}  # noqa: S608
