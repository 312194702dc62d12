"""Every mart and every table of predictions has an address, which can be paged and keeps to its columns."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fixtures.contracts import MODELS, never_null, types
from tradewind.ml.outputs import OUTPUTS, PRODUCT_RECOMMENDATIONS, USER_RECOMMENDATIONS
from tradewind.serving.api.answers import TableReader
from tradewind.serving.api.contracts import Contract, ContractError, declared_type
from tradewind.serving.api.freshness import State
from tradewind.serving.api.prediction_tables import PREDICTIONS
from tradewind.serving.api.table import Table
from tradewind.serving.api.tables import TABLES
from tradewind.stack.api_keys import ApiKey, Role
from tradewind.warehouse.access import FORECAST_TABLES

ANALYST = ApiKey("id", "name", Role.ANALYST, None, "", "", None)


def by_path(path: str) -> Table:
    [found] = [table for table in TABLES if table.path == path]
    return found


def reader(path: str) -> TableReader:
    table = by_path(path)
    assert table.prediction
    contract = Contract.of_output(table.prediction.output)
    for names in table.names:
        columns = {name: {"data_type": "text", "description": ""} for name in names.columns}
        contract = contract.with_columns(Contract("mart", "", columns), names.columns)
    return TableReader(table, contract, "UTC")


def test_each_mart_has_an_address() -> None:
    marts = {f"ads.{path.stem}" for path in (MODELS / "ads").rglob("ads_*.sql")}
    assert marts and marts <= {table.relation for table in TABLES}


def test_each_table_of_predictions_can_be_read_and_has_an_address() -> None:
    names = {output.name for output in OUTPUTS}
    assert names == set(FORECAST_TABLES)
    elsewhere = {USER_RECOMMENDATIONS.name, PRODUCT_RECOMMENDATIONS.name}
    assert {table.relation for table in PREDICTIONS} == names - elsewhere


def test_addresses_differ() -> None:
    assert len({table.path for table in TABLES}) == len(TABLES) == len({table.name for table in TABLES})


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.path)
def test_an_address_keeps_to_the_columns_of_its_table(table: Table) -> None:
    known = types(table.relation)
    named = {*table.filters, *filter(None, (table.period, table.seller))}
    assert named <= known.keys()
    if not table.is_live:
        assert set(table.order.columns) <= never_null(table.relation), "a cursor cannot hold null"
    for names in table.names:
        assert {*names.key, *names.columns} <= types(names.mart).keys()
        assert set(names.key) <= known.keys() and not set(names.columns) & known.keys()


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.path)
def test_rows_of_accounts_are_not_for_readers_of_figures(table: Table) -> None:
    assert table.has_people or "user_id" not in types(table.relation)


@pytest.mark.parametrize(
    ("stored", "declared"),
    [
        ("LowCardinality(String)", "text"),
        ("Nullable(Date)", "date"),
        ("Array(LowCardinality(String))", "array<text>"),
        ("Decimal(18, 2)", "decimal(18,2)"),
        ("DateTime64(6, 'UTC')", "timestamptz"),
    ],
)
def test_types_of_the_warehouse_have_a_name_in_contracts(stored: str, declared: str) -> None:
    assert declared_type(stored) == declared


def test_only_the_last_run_is_shown_unless_another_is_asked_for() -> None:
    proposals = reader("/stock/purchase-orders")
    usual, _ = proposals.statement(proposals.parameters(), ANALYST)
    assert "proposed_on = (select max(proposed_on) from ml.purchase_orders)" in usual
    asked, values = proposals.statement(proposals.parameters(proposed_on="2026-11-01"), ANALYST)
    assert "max(" not in asked and str(values["proposed_on"]) == "2026-11-01"


def test_names_are_joined_to_the_rows_of_one_page() -> None:
    forecasts = reader("/forecasts/demand")
    statement, _ = forecasts.statement(forecasts.parameters(limit=5), ANALYST)
    inner, _, joined = statement.partition(") as found ")
    assert "limit 6" in inner and "sku_code" not in inner.partition(" from (")[2]
    assert joined == (
        "left join (select sku_id, warehouse_id, sku_code, product_name, warehouse_name "
        "from ads.ads_inventory_health) as names_1 using (sku_id, warehouse_id) "
        "order by forecast_date, sku_id, warehouse_id"
    )


def test_predictions_hold_as_of_when_they_were_written() -> None:
    scores = reader("/fraud/scores")
    row: dict[str, Any] = dict.fromkeys(types("ml.fraud_scores"))
    rows = [{**row, "made_at": f"2026-11-{day}T00:00:00Z"} for day in (28, 30, 29)]
    state = State({}, None, False, "THB", None)
    assert b'"as_of":"2026-11-30T00:00:00Z"' in scores.answer(rows, scores.parameters(), state)
    assert b'"as_of":null' in scores.answer([], scores.parameters(), state)


def test_a_name_that_the_mart_lacks_is_refused() -> None:
    contract = Contract.of_output(OUTPUTS[0])
    with pytest.raises(ContractError, match="has no column colour"):
        contract.with_columns(Contract("mart", "", {}), ["colour"])


def test_examples_have_the_columns_type() -> None:
    schema = reader("/fraud/scores").row.model_json_schema()["properties"]
    assert schema["reasons"]["examples"] == [["text"]] and schema["score"]["examples"] == [0.25]
