"""Which tables of the source are captured, and by what their records are keyed: asked from its catalogue."""

from __future__ import annotations

import psycopg
import pymysql

from connectors.kafka.errors import KafkaError
from connectors.kafka.topics import CapturedTable
from tradewind.settings import Endpoint
from tradewind.source.catalog import read_tables
from tradewind.source.mysql import is_mysql
from tradewind.source.mysql.catalog import read_tables as read_mysql_tables
from tradewind.source.mysql.connection import MysqlError
from tradewind.source.mysql.connection import connect as connect_mysql
from tradewind.source.table import Table

CAPTURE_SCHEMA = "cdc"
"""The platform's own schema in the source: heartbeat and signals."""


def captured_tables(source_url: str, publication: str = "tradewind") -> list[CapturedTable]:
    """The tables whose changes are captured; KafkaError if the source cannot be asked."""
    try:
        found = _mysql(source_url) if is_mysql(source_url) else _postgres(source_url, publication)
    except (psycopg.Error, pymysql.Error, MysqlError) as error:
        reason = " ".join(str(error).split())
        raise KafkaError(f"the source's catalogue cannot be read: {reason}") from error
    return [CapturedTable(table.schema, table.name, table.primary_key) for table in found]


def _postgres(url: str, publication: str) -> list[Table]:
    query = "select schemaname, tablename from pg_publication_tables where pubname = %s"
    with psycopg.connect(url, connect_timeout=5) as connection:
        connection.read_only = True
        published = set(connection.execute(query, (publication,)).fetchall())
        schemas = sorted({schema for schema, _ in published})
        return [
            table for table in read_tables(connection, schemas) if (table.schema, table.name) in published
        ]


def _mysql(url: str) -> list[Table]:
    with connect_mysql(url) as connection:
        return list(read_mysql_tables(connection, (Endpoint(url).database, CAPTURE_SCHEMA)))
