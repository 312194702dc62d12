"""Reading the tables of both engines in the same shape."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.integration.lakehouse.comparison import Content, content

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client
    from pyspark.sql import SparkSession

LAYERS = ("ods", "cdm", "ads")
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
