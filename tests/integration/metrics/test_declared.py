"""The project's own metrics, compiled: what is refused and why, what pages and exports say, who may ask."""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from datetime import date
from typing import Any

import pytest

from tests.fixtures import warm_dbt
from tradewind.metrics import catalog, osi, questions
from tradewind.metrics.compiler import Compiler
from tradewind.metrics.declarations import PERIODS, MetricError
from tradewind.metrics.engines import clickhouse
from tradewind.metrics.questions import Question
from tradewind.settings import PROJECT_ROOT, dbt_places
from tradewind.warehouse.access import BI_TABLES, METRIC_FACTS

NOVEMBER = questions.between(date(2026, 11, 1), date(2026, 11, 30))


@pytest.fixture(scope="module")
def compiler(tmp_path_factory: pytest.TempPathFactory) -> Compiler:
    """The metrics as dbt parses them now."""
    folder = tmp_path_factory.mktemp("metrics")
    environment = os.environ | dbt_places(folder) | {"TRADEWIND_DBT_TARGET": "clickhouse"}
    code, output = warm_dbt.run(["parse", "--warn-error"], environment, PROJECT_ROOT, 300)
    assert code == 0, output
    return Compiler((folder / "target" / "semantic_manifest.json").read_text(), clickhouse())


def refusal(compiler: Compiler, question: Question) -> str:
    with pytest.raises(MetricError) as refused:
        compiler.compile(question)
    return str(refused.value)


def test_every_metric_compiles_by_every_dimension_it_has(compiler: Compiler) -> None:
    for metric in compiler.declarations.metrics.values():
        by = ((metric.only_by or PERIODS)[0], *compiler.dimensions(metric.name))
        assert len(compiler.compile(Question(metric.name, by, period=NOVEMBER)).groups) == len(by)


@pytest.mark.parametrize("period", PERIODS)
def test_time_is_grouped_by_every_period(compiler: Compiler, period: str) -> None:
    for metric in ("gmv", "avg_order_value", "gmv_month_to_date", "return_rate"):
        sql = compiler.compile(Question(metric, (period,), period=NOVEMBER)).sql
        assert f"metric_time__{period}" in sql


@pytest.mark.parametrize("by", [(), ("month",)])
def test_a_distinct_count_of_a_day_is_not_summed_over_days(compiler: Compiler, by: tuple[str, ...]) -> None:
    message = refusal(compiler, Question("daily_active_users", by))
    assert "answered only by day: it counts different people of one day" in message
    assert "twice; add --by day" in message


def test_a_distinct_count_of_orders_is_counted_anew(compiler: Compiler) -> None:
    assert "COUNT(DISTINCT" in compiler.compile(Question("unique_buyers", ("month",))).sql


def test_what_the_metric_cannot_be_split_by_is_refused_with_those_that_can(compiler: Compiler) -> None:
    message = refusal(compiler, Question("order_count", ("category",)))
    assert message.startswith("order_count has no dimension category, but ")
    assert "item_order_count" in message and "its own are day, week" in message
    assert refusal(compiler, Question("gmv", where=(questions.condition("colour=red"),))).startswith(
        "there is no dimension colour; gmv has day"
    )


def test_a_running_figure_needs_a_period(compiler: Compiler) -> None:
    message = refusal(compiler, Question("gmv_month_to_date", ("day",)))
    assert (
        message == "gmv_month_to_date is a running figure and needs a period: add --last, or --from and --to"
    )


def test_a_filter_by_a_period_is_refused(compiler: Compiler) -> None:
    assert "a period is given by --last" in refusal(
        compiler, Question("gmv", where=(questions.condition("day=x"),))
    )


def test_a_value_is_never_read_as_sql_or_as_a_template(compiler: Compiler) -> None:
    value = "a' or {{ Dimension('x') }} \\' {% raw %}"
    sql = compiler.compile(Question("gmv", where=(questions.condition(f"channel={value}"),))).sql
    assert "'a\\' or {{ Dimension(\\'x\\') }} \\\\\\' {% raw %}'" in sql


def test_a_dimension_has_one_name(compiler: Compiler) -> None:
    models = compiler.declarations.manifest["semantic_models"]
    names = Counter(
        dimension["name"]
        for model in models
        for dimension in model["dimensions"]
        if dimension["type"] != "time"
    )
    assert [name for name, count in names.items() if count > 1] == []
    assert not set(names) & set(PERIODS)


def test_every_declaration_is_described(compiler: Compiler) -> None:
    models = compiler.declarations.manifest["semantic_models"]
    missing = [
        f"{model['name']}.{dimension['name']}"
        for model in models
        for dimension in model["dimensions"]
        if not (dimension["description"] or "").endswith(".")
    ]
    assert missing == [] and all(model["description"] for model in models)


def test_a_reader_may_read_what_metrics_are_answered_from_and_no_other_fact(compiler: Compiler) -> None:
    patterns = [re.compile(re.escape(table).replace(r"\*", ".*")) for table in BI_TABLES]
    tables = compiler.declarations.all_tables()
    assert [table for table in tables if not any(pattern.fullmatch(table) for pattern in patterns)] == []
    assert set(METRIC_FACTS) == {table for table in tables if table.startswith("cdm.fact_")}


def test_the_page_is_written_from_the_declarations(compiler: Compiler) -> None:
    page = PROJECT_ROOT / "docs" / "metrics.md"
    assert page.read_text() == catalog.page(compiler), (
        "docs/metrics.md is out of date; write it with `tradewind metric export --format markdown`"
    )


def test_the_export_refers_only_to_what_it_has(compiler: Compiler) -> None:
    [model] = json.loads(json.dumps(osi.Export(compiler.declarations).document()))["semantic_model"]
    columns = {
        data["name"]: {field["name"]: expression(field) for field in data["fields"]}
        for data in model["datasets"]
    }
    assert len(columns) == len(compiler.declarations.manifest["semantic_models"])
    for relationship in model["relationships"]:
        assert relationship["from_columns"][0] in columns[relationship["from"]].values()
        assert relationship["to_columns"][0] in columns[relationship["to"]].values()
    used = {name for metric in model["metrics"] for name in re.findall(r"([a-z_]+)\.\w+", expression(metric))}
    assert used <= set(columns)


def test_the_export_has_what_one_aggregation_says_and_names_the_rest(compiler: Compiler) -> None:
    [model] = osi.Export(compiler.declarations).document()["semantic_model"]
    expressions = {metric["name"]: expression(metric) for metric in model["metrics"]}
    assert expressions["order_gmv"] == "SUM(orders.gmv_amount_reporting)"
    assert expressions["unique_buyers"] == "COUNT(DISTINCT case when orders.is_gmv then orders.user_id end)"
    assert expressions["avg_order_value"] == (
        "ROUND(SUM(orders.gmv_amount_reporting) / "
        "NULLIF(SUM(case when orders.is_gmv then 1 else 0 end), 0), 2)"
    )
    assert expressions["revenue"].count("SUM(case when ") == 3
    others = json.loads(model["custom_extensions"][0]["data"])["metrics_of_several_aggregations"]
    assert {"gmv_month_to_date", "gmv_growth_rate", "return_rate"} <= set(others)
    assert set(others) | set(expressions) == set(compiler.declarations.metrics)
    assert not set(others) & set(expressions)


def expression(exported: dict[str, Any]) -> str:
    [dialect] = exported["expression"]["dialects"]
    assert dialect["dialect"] == "ANSI_SQL"
    return str(dialect["expression"])
