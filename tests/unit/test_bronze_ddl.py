"""Bronze's statements: only names that are names, only epochs that fit."""

from __future__ import annotations

import pytest

from tradewind.settings import PROJECT_ROOT
from tradewind.warehouse import bronze
from tradewind.warehouse.bronze import LogTable


@pytest.mark.parametrize("name", ["", "a b", "a`b", "a;drop table x", "orders\n", "bücher"])
def test_a_name_that_is_no_table_name_is_refused(name: str) -> None:
    with pytest.raises(bronze.BronzeError, match="is not a name for a change log"):
        bronze.create_table(name)


@pytest.mark.parametrize("epoch", [-1, 1_000])
def test_an_epoch_that_would_break_the_order_is_refused(epoch: int) -> None:
    with pytest.raises(bronze.BronzeError, match="epoch"):
        bronze.raise_epoch("orders", epoch)


def test_a_log_is_qualified_with_its_database() -> None:
    assert str(LogTable("feeds", "geography")) == "feeds.`geography`"
    assert "exists bronze.`sales.orders` (" in bronze.create_table("sales.orders")


def test_writers_name_exactly_the_raw_columns() -> None:
    assert bronze.insert_statement("orders", "TabSeparatedRaw") == (
        "insert into bronze.`orders` (_topic, _partition, _offset, _timestamp, _key, payload) "
        "format TabSeparatedRaw"
    )


def test_states_of_the_near_real_time_marts_merge_as_the_logs_do() -> None:
    engine = (PROJECT_ROOT / "macros" / "rt" / "state.sql").read_text()
    assert ", ".join(f"{name} = {value}" for name, value in bronze.MERGE_SETTINGS.items()) in engine
