"""The names that a source table has on its way: topic, bronze table, ODS model; and which of them collide.

In topics Debezium replaces characters other than ASCII letters, digits, `.`, `_` and `-` by `_`, so the
tables `user_events` and `user events` would share one. Kafka refuses topics that differ only in `.` and `_`,
and the lakehouse tables that differ only in case. Of tables whose names collide, at most one is captured.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

TOPIC_PREFIX = "ecomm.cdc."
DEFAULT_SCHEMA = "public"
PLATFORM_SCHEMA = "cdc"
"""The schema of the capture's own tables."""

_RESERVED = f"the schema {PLATFORM_SCHEMA} is the capture's own; move it to another schema"
_PLAIN_NAME = re.compile(r"[a-z_][a-z0-9_]*")
# Debezium replaces UTF-16 units; a character outside the basic plane has two of them.
_SQL_PART = r'"(?:[^"]|"")+"|[^\W\d][\w$]*'
_SQL_NAME = re.compile(rf"(?:(?P<schema>{_SQL_PART})\.)?(?P<table>{_SQL_PART})")
_INVALID = re.compile(r"[^A-Za-z0-9._-]")


@dataclass(frozen=True, order=True)
class TableName:
    """A table of the source, by its exact names."""

    schema: str
    table: str

    def __str__(self) -> str:
        """As SQL writes it: `public."user events"`."""
        return f"{_quoted(self.schema)}.{_quoted(self.table)}"

    @property
    def log_name(self) -> str:
        """The table's name in bronze, and its topic's without the prefix: `orders`, `sales.orders`."""
        name = self.table if self.schema == DEFAULT_SCHEMA else f"{self.schema}.{self.table}"
        return _INVALID.sub(lambda match: "_" * (1 + (ord(match[0]) > 0xFFFF)), name)

    @property
    def topic(self) -> str:
        """The topic of its events."""
        return TOPIC_PREFIX + self.log_name

    @property
    def model_name(self) -> str:
        """Its ODS model: `ods_orders`, `ods_sales__orders`."""
        name = self.table if self.schema == DEFAULT_SCHEMA else f"{self.schema}__{self.table}"
        return "ods_" + re.sub(r"[^A-Za-z0-9_]", "_", name)

    @property
    def collision_key(self) -> str:
        """Equal for tables that cannot both be captured."""
        return self.log_name.lower().replace(".", "_")


@dataclass
class Assignment:
    """The captured tables, each with a log of its own, and the refused ones with the reason."""

    captured: set[TableName] = field(default_factory=set)
    refused: dict[TableName, str] = field(default_factory=dict)


def assign(tables: Iterable[TableName], owners: Mapping[str, TableName]) -> Assignment:
    """Which tables are captured. `owners` are those that have a log already, by their collision key.

    A log stays its owner's. Among tables without one, the table whose own name is the log's goes first;
    where no name or several names are, all of them are refused.
    """
    by_key: dict[str, list[TableName]] = defaultdict(list)
    platform = []
    for table in sorted(tables):
        if table.schema == PLATFORM_SCHEMA:
            platform.append(table)
        else:
            by_key[table.collision_key].append(table)
    assignment = Assignment(refused={table: _RESERVED for table in platform})
    for key, group in by_key.items():
        owner = owners.get(key) or _first_owner(group)
        if owner in group:
            assignment.captured.add(owner)
        others = [table for table in group if table != owner]
        assignment.refused |= {table: _refusal(table, owner, group) for table in others}
    return assignment


def parse_table_name(text: str) -> TableName:
    """A table named as in SQL, `public."user events"`; in `public` without a schema. Raises ValueError."""
    match = _SQL_NAME.fullmatch(text.strip())
    if match is None:
        raise ValueError(f'{text!r} is no table\'s name; write it as in SQL, like public."user events"')
    schema, table = (_unquoted(part) for part in (match["schema"] or DEFAULT_SCHEMA, match["table"]))
    return TableName(schema, table)


def _first_owner(group: list[TableName]) -> TableName | None:
    exact = [table for table in group if table.table == table.log_name and table.schema == DEFAULT_SCHEMA]
    candidates = exact or group
    return candidates[0] if len(candidates) == 1 else None


def _refusal(table: TableName, owner: TableName | None, group: list[TableName]) -> str:
    others = str(owner) if owner else ", ".join(str(other) for other in group if other != table)
    return (
        f"its log would be {table.log_name}, which collides with that of {others}; "
        f"rename {table}, or exclude it: tradewind source exclude '{table}'"
    )


def _unquoted(name: str) -> str:
    return name[1:-1].replace('""', '"') if name.startswith('"') else name.lower()


def _quoted(name: str) -> str:
    return name if _PLAIN_NAME.fullmatch(name) else '"' + name.replace('"', '""') + '"'
