"""Which settings a reader may change, and to which values.

A reader may give any setting the value that is in force; lower a limit; and change the settings listed here,
which decide how results look, how the query is computed, or what writes, logs and the network do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from clickhouse_server.engine import Connection, quote
from clickhouse_server.errors import ClickHouseError

RESULT_SETTINGS = (
    "add_http_cors_header", "aggregate_functions_null_for_empty", "any_join_distinct_right_table_keys",
    "bool_false_representation", "bool_true_representation", "cast_keep_nullable",
    "cast_string_to_date_time_mode", "count_distinct_implementation", "date_time_input_format",
    "date_time_output_format", "date_time_overflow_behavior", "describe_compact_output",
    "describe_include_subcolumns", "empty_result_for_aggregation_by_constant_keys_on_empty_set",
    "empty_result_for_aggregation_by_empty_set", "exact_rows_before_limit", "except_default_mode",
    "extremes", "format_binary_max_string_size", "format_csv_delimiter", "format_csv_null_representation",
    "format_tsv_null_representation", "group_by_use_nulls", "intersect_default_mode",
    "interval_output_format", "join_any_take_last_row", "join_default_strictness", "join_use_nulls",
    "joined_subquery_requires_alias", "limit", "low_cardinality_allow_in_native_format", "offset",
    "prefer_column_name_to_alias", "print_pretty_type_names", "session_timezone", "totals_mode",
    "transform_null_in", "union_default_mode",
)  # fmt: skip
COMPUTATION_SETTINGS = (
    "count_distinct_optimization", "cross_to_inner_join_rewrite", "distributed_product_mode",
    "enable_optimize_predicate_expression", "enable_reads_from_query_cache",
    "enable_writes_to_query_cache", "group_by_two_level_threshold", "group_by_two_level_threshold_bytes",
    "join_algorithm", "max_block_size", "max_query_size", "max_threads",
    "query_cache_min_query_duration", "query_cache_min_query_runs", "query_cache_ttl",
    "short_circuit_function_evaluation", "use_index_for_in_with_subqueries", "use_query_cache",
    "use_skip_indexes", "use_uncompressed_cache",
)  # fmt: skip
UNRELATED_SETTINGS = (
    "alter_sync", "apply_mutations_on_fly", "cancel_http_readonly_queries_on_client_close", "connect_timeout",
    "fallback_to_stale_replicas_for_distributed_queries", "idle_connection_timeout", "interactive_delay",
    "lightweight_deletes_sync", "load_balancing", "max_distributed_connections", "max_parallel_replicas",
    "mutations_sync", "network_compression_method", "network_zstd_compression_level", "poll_interval",
    "prefer_localhost_replica", "receive_timeout", "select_sequential_consistency", "send_logs_level",
    "send_profile_events", "send_progress_in_http_headers", "send_timeout", "skip_unavailable_shards",
    "tcp_keep_alive_timeout",
)  # fmt: skip
"""They concern writes, replicas, logs or the network, not what a query reads."""
ALLOWED_PREFIXES = (
    "async_insert", "compile_", "database_replicated_", "http_", "input_format_", "insert_", "log_",
    "max_insert_", "min_insert_", "opentelemetry_", "optimize_", "output_format_", "query_plan_",
    "replication_", "wait_for_async_insert",
)  # fmt: skip
ALLOWED_SUFFIXES = ("_overflow_mode",)
FORBIDDEN_PARTS = ("schema", "_url", "_path", "_file")
"""Settings whose names contain one of these name files or addresses."""

LIMIT_PREFIX = "max_"
NOT_LIMITS = ("max_streams_", "max_skip_unavailable_")
SHARED_LIMIT_SUFFIXES = ("_for_user", "_for_all_users")
"""Limits of all queries together: a reader could stop others' queries with them."""
HIDDEN_IN_SUBQUERIES = ("max_result_rows", "max_result_bytes", "extremes")
"""The engine resets them in subqueries, so that `system.settings` shows other values there."""
CEILINGS = {"max_block_size": 1e6, "max_threads": 64.0, "max_query_size": 1e6}
"""Limits that a reader may also raise, up to this value."""


@dataclass(frozen=True)
class ReaderSettings:
    """The rules for one server: the values in force for its readers, by setting."""

    in_force: Mapping[str, str]

    def check(self, name: str, value: str) -> None:
        """Raise ClickHouseError if a reader may not give this setting this value."""
        current = self.in_force.get(name)
        if current is None:
            raise ClickHouseError(115, "UNKNOWN_SETTING", f"Unknown setting '{name}'")
        if _equal(value, current) or (name == "readonly" and value in {"1", "2"}):
            return
        if (limit := self._limit(name)) is not None:
            _check_limit(name, value, limit)
        elif not self._may_change(name):
            raise ClickHouseError(164, "READONLY", f"Cannot modify '{name}' setting in readonly mode")

    def is_in_force(self, name: str, value: str) -> bool:
        """Whether this setting has this value already."""
        return name in self.in_force and _equal(value, self.in_force[name])

    def checked(self, settings: Mapping[str, str]) -> dict[str, str]:
        """The settings to set for a reader's query, after checking each; `readonly` is always in force."""
        for name, value in settings.items():
            self.check(name, value)
        return {name: value for name, value in settings.items() if name != "readonly"}

    def _limit(self, name: str) -> float | None:
        """The greatest value of a limit; infinity if it is not in force. None for other settings."""
        if name in CEILINGS:
            return CEILINGS[name]
        is_limit = name.startswith(LIMIT_PREFIX) and not name.startswith(NOT_LIMITS)
        if not is_limit or name.endswith(SHARED_LIMIT_SUFFIXES) or self._may_change(name):
            return None
        try:
            return float(self.in_force[name]) or float("inf")
        except ValueError:
            return None

    def _may_change(self, name: str) -> bool:
        if name in RESULT_SETTINGS or name in COMPUTATION_SETTINGS or name in UNRELATED_SETTINGS:
            return True
        if any(part in name for part in FORBIDDEN_PARTS):
            return False
        return name.startswith(ALLOWED_PREFIXES) or name.endswith(ALLOWED_SUFFIXES)

    @cached_property
    def table(self) -> str:
        """A subquery like `system.settings` that says what a reader may change, and limits as `max`."""
        limits = {name: limit for name in self.in_force if (limit := self._limit(name)) is not None}
        changeable = ", ".join(
            quote(name) for name in self.in_force if name in limits or self._may_change(name)
        )
        bounded = {name: f"{limit:.0f}" for name, limit in limits.items() if limit != float("inf")}
        names, values = (", ".join(map(quote, column)) for column in (bounded, bounded.values()))
        hidden = {name: self.in_force.get(name, "") for name in HIDDEN_IN_SUBQUERIES}
        shown, in_force = (", ".join(map(quote, column)) for column in (hidden, hidden.values()))
        return (
            f"view(SELECT * REPLACE (toUInt8(name NOT IN ({changeable})) AS readonly, "  # noqa: S608
            f"if(name IN ({names}), transform(name, [{names}], [{values}], ''), max) AS max, "
            f"transform(name, [{shown}], [{in_force}], value) AS value) "
            "FROM system.settings)"
        )


def read_settings(connection: Connection) -> dict[str, str]:
    """All settings with the values in force on this connection."""
    return {name: value for name, value in connection.rows("SELECT name, value FROM system.settings")}


def _equal(value: str, current: str) -> bool:
    """Whether two values are the same: as text, as truth values or as numbers."""
    booleans = {"true": "1", "false": "0"}
    value, current = (booleans.get(text.lower(), text) for text in (value, current))
    try:
        return float(value) == float(current)
    except ValueError:
        return value == current


def _check_limit(name: str, value: str, limit: float) -> None:
    try:
        within = 0 < float(value) <= limit
    except ValueError:
        within = False
    if not within:
        most = "" if limit == float("inf") else f" and at most {limit:.0f}"
        raise ClickHouseError(
            452, "SETTING_CONSTRAINT_VIOLATION", f"Setting {name} should be greater than 0{most}, not {value}"
        )
