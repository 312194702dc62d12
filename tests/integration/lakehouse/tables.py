"""Reading the tables of both engines in the same shape."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.integration.lakehouse.comparison import Content, content, differences

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client
    from pyspark.sql import SparkSession

LAYERS = ("ods", "cdm", "ads")
# When a row was written, and by which run: what another run says differently of the same content.
RUN_COLUMNS = ("_loaded_at", "_version")
Tables = dict[str, Content]


def clickhouse_tables(client: Client, *databases: str) -> Tables:
    """Every table of the databases, live rows only, as a reader of the warehouse sees them."""
    found = client.query(
        "select database || '.' || name from system.tables where has({databases:Array(String)}, database)",
        parameters={"databases": list(databases or LAYERS)},
    ).result_rows
    return {name: _clickhouse_table(client, name) for (name,) in sorted(found)}


def spark_tables(session: SparkSession, *databases: str) -> Tables:
    """Every table of the databases; deleted rows, which Iceberg keeps as they are, are left out."""
    made = {row.namespace for row in session.sql("show databases").collect()}
    names = [
        f"{database}.{row.tableName}"
        for database in databases or LAYERS
        if database in made
        for row in session.sql(f"show tables in {database}").collect()
    ]
    return {name: _spark_table(session, name) for name in sorted(names)}


def _clickhouse_table(client: Client, name: str) -> Content:
    """Arrow has no 128-bit integer, so a version is read as text."""
    columns = client.query(f"describe table {name}").result_rows
    selected = [f"toString(`{c[0]}`) as `{c[0]}`" if "Int128" in c[1] else f"`{c[0]}`" for c in columns]
    return content(client.query_arrow(f"select {', '.join(selected)} from {name}", use_strings=True))


def _spark_table(session: SparkSession, name: str) -> Content:
    table = session.table(name)
    if "_is_deleted" in table.columns:
        table = table.where("_is_deleted = 0")
    if "_version" in table.columns:
        table = table.withColumn("_version", table["_version"].cast("string"))
    return content(table.toArrow())


def assert_same(one: Tables, other: Tables, sides: tuple[str, str]) -> None:
    """Both have the same tables, and these the same rows."""
    assert sorted(one) == sorted(other)
    found = [differences(name, one[name], other[name], sides) for name in one]
    assert not any(found), "\n".join(filter(None, found))


def without_run_columns(tables: Tables) -> Tables:
    """The tables without what depends on the run that wrote a row."""
    return {name: _without_run_columns(table) for name, table in tables.items()}


def _without_run_columns(table: Content) -> Content:
    kept = [place for place, name in enumerate(table.columns) if name not in RUN_COLUMNS]
    rows = tuple(tuple(row[place] for place in kept) for row in table.rows)
    return Content(tuple(table.columns[place] for place in kept), rows)
