"""ClickHouse's JDBC driver, unmodified, as DBeaver, Metabase and Tableau use it: as admin and as BI user."""

from __future__ import annotations

import pytest

from tests.fixtures.clients import JdbcDriver
from tests.fixtures.warehouse import RunningWarehouse
from tests.integration.warehouse.conftest import Ask
from tests.integration.warehouse.test_stopping import ENDLESS


@pytest.fixture(autouse=True)
def mart(ask: Ask) -> None:
    """A mart to browse and a table to fill."""
    ask(
        "CREATE OR REPLACE TABLE ads.ads_jdbc (id UInt64, name String, day Date, gmv Decimal(18, 2), "
        "at DateTime64(3, 'UTC')) ORDER BY id"
    )
    ask("INSERT INTO ads.ads_jdbc VALUES (1, 'a\\tb', '2026-01-02', '12.30', '2026-01-02 03:04:05.678')")
    ask("CREATE OR REPLACE TABLE ads.ads_jdbc_filled (id UInt64, name String) ORDER BY id")


@pytest.mark.parametrize("role", ["admin", "bi"])
def test_a_tool_connects_browses_queries_and_cancels(
    jdbc: JdbcDriver, warehouse: RunningWarehouse, role: str
) -> None:
    answers = jdbc.run(
        warehouse,
        role,
        "product",
        "schemas",
        "tables\tads",
        "columns\tads\tads_jdbc",
        "query\tSELECT * FROM ads.ads_jdbc",
        "types\tSELECT id, day, gmv, at FROM ads.ads_jdbc",
        "prepared\tSELECT ? + 1, ?",
        "schema\tads",
        "query\tSELECT id FROM ads_jdbc",
        "execute\tSET max_threads = 2",
        "execute\tUSE ads",
        "query\tSHOW GRANTS",
        "query\tEXPLAIN PLAN SELECT * FROM ads.ads_jdbc",
        f"cancel\t{ENDLESS}",
        "query\tSELECT 'still connected'",
        "http\tSELECT 'upgraded'",
    )
    product, schemas, tables, columns, rows, types, prepared, schema, bare, *rest = answers
    assert product == "ClickHouse"
    assert {"ads", "cdm"} <= {row[0] for row in schemas}
    assert ("bronze" in {row[0] for row in schemas}) is (role == "admin")
    assert {"ads_jdbc", "ads_jdbc_filled"} <= {row[2] for row in tables}
    assert [row[3] for row in columns] == ["id", "name", "day", "gmv", "at"]
    assert rows == [["1", "a\tb", "2026-01-02", "12.30", "2026-01-02 03:04:05.678"]]
    assert types == ["BigInteger", "Date", "BigDecimal", "Timestamp"]
    assert prepared == [["42", "it's\ta \\ text"]]
    assert (schema, bare) == ("ads", [["1"]])
    set_threads, use, grants, plan, cancelled, connected, upgraded = rest
    assert (set_threads, use) == (False, False)
    assert grants and plan
    assert "QUERY_WAS_CANCELLED" in cancelled
    assert connected == [["still connected"]]
    assert upgraded == "upgraded\n"


@pytest.mark.parametrize("properties", [{}, {"decompress": "true"}], ids=["plain", "compressed"])
def test_batches_arrive_and_only_from_who_may_write(
    jdbc: JdbcDriver, warehouse: RunningWarehouse, properties: dict[str, str]
) -> None:
    """With `decompress` the driver sends ClickHouse's compressed blocks; it always asks for them."""
    batch, count = (
        "batch\tads.ads_jdbc_filled\t5000",
        "query\tSELECT count(), max(name) FROM ads.ads_jdbc_filled",
    )
    long = "query\tSELECT number, repeat('x', 100) FROM numbers(20000)"
    written, counted, rows = jdbc.run(warehouse, "writer", batch, count, long, **properties)
    assert (written, counted) == (5000, [["5000", "name 999"]])
    assert rows == [[str(number), "x" * 100] for number in range(20_000)]
    refused, counted = jdbc.run(warehouse, "bi", batch, count, **properties)
    assert "ACCESS_DENIED" in refused["error"]
    assert counted == [["5000", "name 999"]]


def test_what_a_bi_user_may_not_read_is_refused(jdbc: JdbcDriver, warehouse: RunningWarehouse) -> None:
    answers = jdbc.run(
        warehouse,
        "bi",
        "query\tSELECT * FROM system.query_log",
        "tables\tods",
        "execute\tSET final = 0",
        "execute\tDROP TABLE ads.ads_jdbc",
    )
    assert "ACCESS_DENIED" in answers[0]["error"]
    assert answers[1] == []
    assert "READONLY" in answers[2]["error"]
    assert "ACCESS_DENIED" in answers[3]["error"]
