"""MetricFlow's plans as SQL of either engine: exact, and with the results of the marts."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from metricflow.protocols.sql_client import SqlEngine
from metricflow.sql.render.databricks import DatabricksSqlExpressionRenderer, DatabricksSqlPlanRenderer
from metricflow.sql.render.expr_renderer import DefaultSqlExpressionRenderer, SqlExpressionRenderResult
from metricflow.sql.render.sql_plan_renderer import DefaultSqlPlanRenderer, SqlPlanRenderResult
from metricflow.sql.sql_table_node import SqlTableNode
from metricflow_semantic_interfaces.type_enums.time_granularity import TimeGranularity
from metricflow_semantics.sql.sql_exprs import (
    SqlDateTruncExpression,
    SqlGenerateUuidExpression,
    SqlPercentileExpression,
    SqlPercentileFunctionType,
)


class ClickHouseExpressions(DefaultSqlExpressionRenderer):
    """ClickHouse's names of types and functions, and nullable casts."""

    double_data_type = "Nullable(Float64)"
    timestamp_data_type = "Nullable(DateTime64(6, 'UTC'))"
    supported_percentile_function_types = frozenset({SqlPercentileFunctionType.CONTINUOUS})

    def visit_date_trunc_expr(self, node: SqlDateTruncExpression) -> SqlExpressionRenderResult:
        """The first day of the period, as a date."""
        day = self.render_sql_expr(node.arg)
        period = node.time_granularity
        start = day.sql if period is TimeGranularity.DAY else f"date_trunc('{period.value}', {day.sql})"
        return replace(day, sql=f"CAST({start} AS Nullable(Date32))")

    def visit_percentile_expr(self, node: SqlPercentileExpression) -> SqlExpressionRenderResult:
        """The interpolated percentile, as the macro `percentile` has it."""
        value = self.render_sql_expr(node.order_by_arg)
        fraction = node.percentile_args.percentile
        return replace(value, sql=f"quantileExactInclusive({fraction})(toFloat64({value.sql}))")

    def visit_generate_uuid_expr(self, node: SqlGenerateUuidExpression) -> SqlExpressionRenderResult:
        """A random identifier per row."""
        return replace(super().visit_generate_uuid_expr(node), sql="generateUUIDv4()")


class ClickHousePlans(DefaultSqlPlanRenderer):
    """Statements for ClickHouse."""

    EXPR_RENDERER = ClickHouseExpressions()


class SparkExpressions(DatabricksSqlExpressionRenderer):
    """Spark's SQL, which is that of Databricks but for dates without a time."""

    def visit_date_trunc_expr(self, node: SqlDateTruncExpression) -> SqlExpressionRenderResult:
        """The first day of the period, as a date."""
        truncated = super().visit_date_trunc_expr(node)
        return replace(truncated, sql=f"CAST({truncated.sql} AS DATE)")


class SparkPlans(DatabricksSqlPlanRenderer):
    """Statements for Spark, whose tables keep deleted rows with a mark."""

    EXPR_RENDERER = SparkExpressions()

    def __init__(self, tables_with_deleted_rows: Collection[str]) -> None:
        """`tables_with_deleted_rows`: such as `cdm.fact_orders`."""
        self._tables_with_deleted_rows = tables_with_deleted_rows

    def visit_table_node(self, node: SqlTableNode) -> SqlPlanRenderResult:
        """The table, or the part of it that is not deleted (macro `current_rows`)."""
        table = super().visit_table_node(node)
        if table.sql not in self._tables_with_deleted_rows:
            return table
        return replace(table, sql=f"(SELECT * FROM {table.sql} WHERE coalesce(_is_deleted, 0) = 0)")  # noqa: S608


@dataclass(frozen=True)
class Engine:
    """What MetricFlow asks of an engine (its `SqlClient`), and money divided exactly; no connection."""

    sql_plan_renderer: DefaultSqlPlanRenderer
    money_per: str
    """An amount per count, rounded half up to cents, as the macro `money_per`; with {amount} and {count}."""
    sql_engine_type: SqlEngine = SqlEngine.DATABRICKS
    """What MetricFlow knows; of use only for what the engine cannot do."""

    def render_bind_parameter_key(self, key: str) -> str:
        """No statement has bound parameters."""
        raise NotImplementedError(key)


def clickhouse() -> Engine:
    """ClickHouse, with the session settings of the warehouse."""
    return Engine(
        ClickHousePlans(),
        "CAST(round(toDecimal256({amount}, 16) / nullIf(toDecimal256({count}, 0), 0), 2) "
        "AS Nullable(Decimal(18, 2)))",
    )


def spark(tables_with_deleted_rows: Collection[str]) -> Engine:
    """Spark on the lake's tables; `tables_with_deleted_rows` are those with a column `_is_deleted`."""
    return Engine(
        SparkPlans(tables_with_deleted_rows),
        "CAST(round(CAST({amount} AS decimal(28,10)) / nullif(CAST({count} AS decimal(10,0)), 0), 2) "
        "AS decimal(18,2))",
    )
