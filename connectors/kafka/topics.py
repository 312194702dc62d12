"""Topics: the one list is `connectors/definitions/topics.yaml`; here it is read, compared with a cluster,
created.

Partitions, compression, retention, replication and the largest message are declared there once, and so are
the keys of the tables, which are written from the source's catalogue (`tradewind connectors generate`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from connectors.bronze.routing import PLATFORM_LOGS
from connectors.kafka.errors import KafkaError
from tradewind.source.naming import TableName, parse_table_name
from tradewind.warehouse import bronze
from tradewind.warehouse.bronze import LogTable

FILE = Path(__file__).parents[1] / "definitions" / "topics.yaml"
_DAY_MS = 24 * 60 * 60 * 1000


@dataclass(frozen=True)
class Topic:
    """A topic as it is wanted: its settings are the broker's names and texts."""

    name: str
    partitions: int
    settings: dict[str, str]


@dataclass(frozen=True)
class TopicTable:
    """A table whose changes have a topic: `key` is empty where nothing identifies a row."""

    table: TableName
    key: tuple[str, ...]
    database: str = ""
    """The database that its events name instead of a schema (MySQL family)."""

    @property
    def topic(self) -> str:
        """The name of its topic."""
        return self.table.topic

    @property
    def log(self) -> LogTable:
        """Its change log."""
        return PLATFORM_LOGS.get(self.table) or LogTable(bronze.DATABASE, self.table.log_name)

    @property
    def event_schema(self) -> str:
        """What its events name before the table."""
        return self.database or self.table.schema


@dataclass(frozen=True)
class Topics:
    """What topics.yaml declares."""

    partitions: int
    settings: dict[str, str]
    largest_message_bytes: int
    tables: tuple[TopicTable, ...]
    dead_letters: Topic

    def topic(self, table: TableName) -> Topic:
        """The topic of a table's changes."""
        return Topic(table.topic, self.partitions, self.settings)

    def all(self, tables: Iterable[TopicTable]) -> list[Topic]:
        """The topics of these tables and the one of dead letters."""
        return [*(self.topic(each.table) for each in tables), self.dead_letters]

    def creation_properties(self, replication: int) -> dict[str, str]:
        """How a source connector makes the topic of a table that is new: the same as if it were listed."""
        settings = {"partitions": str(self.partitions), "replication.factor": str(replication)}
        return {f"topic.creation.default.{name}": text for name, text in (settings | self.settings).items()}


@cache
def read_topics(path: Path = FILE) -> Topics:
    """Read the list; KafkaError names what is missing."""
    try:
        content: dict[str, Any] = yaml.safe_load(path.read_text())
        common, letters = content["change_data"], content["dead_letters"]
        largest = int(common["largest_message_bytes"])
        return Topics(
            partitions=int(common["partitions"]),
            settings=_settings(common),
            largest_message_bytes=largest,
            tables=tuple(map(_table, (content["tables"] or {}).items())),
            dead_letters=Topic(letters["name"], int(letters["partitions"]), _settings(letters)),
        )
    except KeyError as error:
        raise KafkaError(f"{path.name} has no {error}; see the comments at its head") from error


def write_tables(tables: Iterable[TopicTable], path: Path = FILE) -> None:
    """Replace the list of tables, which ends the file; what stands above it stays as it is."""
    head, separator, _ = path.read_text().partition("\ntables:\n")
    if not separator:
        raise KafkaError(f"{path.name} has no line `tables:`, under which the tables would be written")
    lines = [
        f"  {each.topic}: {_flow({'table': str(each.table), 'key': list(each.key)})}\n"
        for each in sorted(tables, key=lambda each: each.table)
    ]
    path.write_text(head + separator + "".join(lines))
    read_topics.cache_clear()


@dataclass(frozen=True)
class Difference:
    """Where a cluster's topic is not as it is wanted.

    `found` is None where the topic or setting is missing.
    """

    topic: str
    what: str
    found: str | None
    wanted: str


def compare(wanted: Iterable[Topic], found: Mapping[str, Topic]) -> list[Difference]:
    """Every difference, topic by topic. More partitions than wanted are none: they cannot be taken away."""
    differences = []
    for topic in wanted:
        present = found.get(topic.name)
        if present is None:
            differences.append(Difference(topic.name, "topic", None, f"{topic.partitions} partitions"))
            continue
        if present.partitions < topic.partitions:
            differences.append(
                Difference(topic.name, "partitions", str(present.partitions), str(topic.partitions))
            )
        differences += [
            Difference(topic.name, name, present.settings.get(name), text)
            for name, text in topic.settings.items()
            if present.settings.get(name) != text
        ]
    return differences


def _settings(item: Mapping[str, Any]) -> dict[str, str]:
    """The broker's settings of a topic."""
    return {
        "cleanup.policy": item["cleanup_policy"],
        "compression.type": item["compression"],
        "max.message.bytes": str(item["largest_message_bytes"]),
        "retention.ms": str(int(item["retention_days"]) * _DAY_MS),
    }


def _table(item: tuple[str, Mapping[str, Any]]) -> TopicTable:
    topic, declared = item
    table = parse_table_name(declared["table"])
    if table.topic != topic:
        raise KafkaError(f"{FILE.name}: the topic of {table} is {table.topic}, not {topic}")
    return TopicTable(table, tuple(declared["key"]))


def _flow(value: Mapping[str, object]) -> str:
    """`{table: public.orders, key: [order_id]}`."""
    text: str = yaml.safe_dump(
        value, default_flow_style=True, sort_keys=False, allow_unicode=True, width=10**6
    )
    return text.strip()
