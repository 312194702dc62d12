"""The SQLAlchemy dialect of clickhouse-connect (`clickhousedb://`), as Superset uses it."""

from __future__ import annotations

import pandas as pd
import sqlalchemy

from tests.fixtures.warehouse import RunningWarehouse


def engine(warehouse: RunningWarehouse, role: str) -> sqlalchemy.Engine:
    return sqlalchemy.create_engine(warehouse.url(role).replace("http://", "clickhousedb://") + "ads")


def test_queries_with_bound_parameters(warehouse: RunningWarehouse) -> None:
    with engine(warehouse, "writer").connect() as connection:
        row = connection.execute(sqlalchemy.text("SELECT :a + 1, :b"), {"a": 41, "b": "it's"}).one()
    assert tuple(row) == (42, "it's")


def test_tables_and_columns_are_reflected(warehouse: RunningWarehouse) -> None:
    writer = engine(warehouse, "writer")
    with writer.connect() as connection:
        connection.execute(sqlalchemy.text("DROP TABLE IF EXISTS ads.ads_reflected"))
        connection.execute(
            sqlalchemy.text("CREATE TABLE ads.ads_reflected (day Date, gmv Decimal(18, 2)) ORDER BY day")
        )
        connection.execute(sqlalchemy.text("INSERT INTO ads.ads_reflected VALUES ('2026-01-01', 12.34)"))
    reader = engine(warehouse, "bi")
    inspector = sqlalchemy.inspect(reader)
    assert "ads" in inspector.get_schema_names()
    assert "ads_reflected" in inspector.get_table_names(schema="ads")
    assert [column["name"] for column in inspector.get_columns("ads_reflected", schema="ads")] == [
        "day",
        "gmv",
    ]
    table = sqlalchemy.Table("ads_reflected", sqlalchemy.MetaData(schema="ads"), autoload_with=reader)
    with reader.connect() as connection:
        assert (
            str(connection.execute(sqlalchemy.select(sqlalchemy.func.sum(table.c.gmv))).scalar_one())
            == "12.34"
        )


def test_pandas_reads_through_it(warehouse: RunningWarehouse) -> None:
    frame = pd.read_sql("SELECT number AS n FROM numbers(5)", engine(warehouse, "bi"))
    assert frame["n"].tolist() == [0, 1, 2, 3, 4]
