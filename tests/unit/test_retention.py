"""Which models read a log, from dbt's graph; and how long bronze keeps superseded changes."""

from __future__ import annotations

from typing import Any

import pytest

from application.retention import readers
from tradewind.settings import PROJECT_ROOT, SettingsError, retention_settings
from tradewind.warehouse.retention import PLACEHOLDERS

ORDERS = "source.shop.bronze.orders"


def model(layer: str, name: str) -> dict[str, Any]:
    return {
        "resource_type": "model",
        "schema": layer,
        "fqn": ["shop", layer, name],
        "alias": name,
        "name": name,
        "config": {"unique_key": ["order_id"]},
        "columns": {"order_id": {"data_type": "bigint"}},
        "depends_on": {"nodes": [ORDERS]},
    }


def manifest(*readers_of_orders: tuple[str, str]) -> dict[str, Any]:
    """A graph with these models of the orders' log."""
    nodes = {f"model.shop.{name}": model(layer, name) for layer, name in readers_of_orders}
    test = {"test.shop.fresh": model("tests", "fresh") | {"resource_type": "test"}}
    return {
        "sources": {
            ORDERS: {"schema": "bronze", "identifier": "orders", "name": "orders"},
            "source.shop.bronze.heartbeat": {
                "schema": "bronze",
                "identifier": "heartbeat",
                "name": "heartbeat",
            },
            "source.shop.feeds.geography": {
                "schema": "feeds",
                "identifier": "geography",
                "name": "geography",
            },
        },
        "nodes": nodes | test,
        "child_map": {
            ORDERS: [*nodes, *test],
            "source.shop.bronze.heartbeat": [],
            "source.shop.feeds.geography": [],
        },
    }


def test_only_logs_that_are_merged_into_ods_lose_changes_and_merging_needs_no_history() -> None:
    found = readers(manifest(("ods", "ods_orders"), ("rt", "state_orders")))
    assert list(found) == ["orders"]
    assert (found["orders"].merged_into, found["orders"].history) == (["ods.ods_orders"], [])


def test_any_other_model_that_reads_a_log_needs_its_history() -> None:
    found = readers(manifest(("ods", "ods_orders"), ("cdm", "dim_order_history")))
    assert found["orders"].history == ["dim_order_history"]


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
