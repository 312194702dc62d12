"""The connectors as they are wanted: their definitions, completed by what is declared elsewhere.

A definition (`connectors/definitions/*.json`) says what is particular to its connector. How topics are made
comes from topics.yaml; which tables and columns a source connector leaves out, and which topics a sink reads,
from the source's catalogue.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from connectors.definitions.definition import Properties, read_definition
from connectors.kafka.errors import KafkaError
from connectors.kafka.source_tables import SourceTables
from connectors.kafka.topics import Topic, Topics
from tradewind.settings import Endpoint, KafkaSettings
from tradewind.source.mysql import is_mysql

FOLDER = Path(__file__).parents[1] / "definitions"
POSTGRES, MYSQL, MARIADB = "postgres-source", "mysql-source", "mariadb-source"
CLICKHOUSE_SINK, ICEBERG_SINK = "clickhouse-sink", "iceberg-sink"
SINK_GROUP = f"connect-{CLICKHOUSE_SINK}"
"""The consumer group that Connect gives a sink."""

NAMES = (POSTGRES, MYSQL, MARIADB, CLICKHOUSE_SINK, ICEBERG_SINK)
SOURCES = (POSTGRES, MYSQL, MARIADB)
_CONTROL_RETENTION_MS = 7 * 24 * 60 * 60 * 1000


def default_names(source_url: str, kafka: KafkaSettings) -> list[str]:
    """What a home needs: its source, and the sink where that does the landing."""
    names = [source_name(source_url)]
    return [*names, CLICKHOUSE_SINK] if kafka.tradewind_landing == "sink" else names


def source_name(source_url: str) -> str:
    """The connector for a source database; a MySQL-family server is asked which of the two it is."""
    if not is_mysql(source_url):
        return POSTGRES
    from tradewind.source.mysql.connection import connect, family_and_version, rows

    with connect(source_url) as connection:
        ((version,),) = rows(connection, "select version()")
    return MARIADB if family_and_version(str(version))[0] == "MariaDB" else MYSQL


def declared(name: str, topics: Topics, source: SourceTables, kafka: KafkaSettings) -> Properties:
    """The whole configuration of a connector, with its placeholders."""
    if name not in NAMES:
        raise KafkaError(f"no connector {name} is declared; there are {', '.join(NAMES)}")
    properties = read_definition(FOLDER / f"{name}.json")
    if name in SOURCES:
        return properties | source.properties | topics.creation_properties(kafka.tradewind_topic_replication)
    listed = sorted(table.topic for table in source.tables)
    return properties | {"topics": ",".join(listed)} | _sink_tables(name, listed)


def own_topics(names: Iterable[str]) -> list[Topic]:
    """Topics that connectors need for themselves, and do not create."""
    if ICEBERG_SINK not in names:
        return []
    control = read_definition(FOLDER / f"{ICEBERG_SINK}.json")["iceberg.control.topic"]
    return [Topic(control, 1, {"cleanup.policy": "delete", "retention.ms": str(_CONTROL_RETENTION_MS)})]


def _sink_tables(name: str, topics: list[str]) -> Properties:
    if name == CLICKHOUSE_SINK:
        # Every topic goes to the one table that judges and routes (connectors/kafka/routing.py).
        return {"topic2TableMap": ",".join(f"{topic}=change_events" for topic in topics)}
    return {}


def source_database(source_url: str) -> str:
    """`host:port/database`, for messages."""
    address = Endpoint(source_url)
    return f"{address.host}:{address.port}/{address.database}"
