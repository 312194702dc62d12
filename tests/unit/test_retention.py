"""Which models read a log, from dbt's graph; and how long bronze keeps superseded changes."""

from __future__ import annotations

import pytest

from tradewind.app.retention import readers
from tradewind.settings import PROJECT_ROOT, SettingsError, retention_settings
from tradewind.warehouse.retention import PLACEHOLDERS, Readers

MANIFEST = {
    "sources": {
        "source.shop.bronze.orders": {"schema": "bronze", "identifier": "orders"},
        "source.shop.feeds.geography": {"schema": "feeds", "identifier": "geography"},
    },
    "nodes": {
        "model.shop.ods_orders": {
            "resource_type": "model",
            "schema": "ods",
            "alias": "ods_orders",
            "name": "ods_orders",
        },
        "model.shop.state_orders": {
            "resource_type": "model",
            "schema": "rt",
            "alias": "state_orders",
            "name": "state_orders",
        },
        "model.shop.dim_order_history": {
            "resource_type": "model",
            "schema": "cdm",
            "alias": "dim_order_history",
            "name": "dim_order_history",
        },
        "test.shop.fresh": {"resource_type": "test", "schema": "tests", "alias": "fresh", "name": "fresh"},
    },
    "child_map": {
        "source.shop.bronze.orders": ["model.shop.ods_orders", "model.shop.state_orders", "test.shop.fresh"],
        "source.shop.feeds.geography": [],
    },
}


def test_models_that_merge_need_no_history() -> None:
    assert readers(MANIFEST) == {"orders": Readers(merged_into=["ods.ods_orders"], history=[])}


def test_any_other_model_that_reads_a_log_needs_its_history() -> None:
    children = [*MANIFEST["child_map"]["source.shop.bronze.orders"], "model.shop.dim_order_history"]
    graph = MANIFEST | {"child_map": MANIFEST["child_map"] | {"source.shop.bronze.orders": children}}
    assert readers(graph)["orders"].history == ["dim_order_history"]


def test_bronze_keeps_everything_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TRADEWIND_BRONZE_RETENTION_DAYS", raising=False)
    assert retention_settings().tradewind_bronze_retention_days is None


@pytest.mark.parametrize("value", ["0", "-1", "soon"])
def test_a_malformed_retention_is_named(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRADEWIND_BRONZE_RETENTION_DAYS", value)
    with pytest.raises(SettingsError, match="TRADEWIND_BRONZE_RETENTION_DAYS"):
        retention_settings()


def test_values_that_are_missing_for_the_merge_are_missing_for_the_removal() -> None:
    merge = (PROJECT_ROOT / "macros" / "cdc" / "row_image.sql").read_text()
    assert "('" + "', '".join(PLACEHOLDERS) + "')" in merge
