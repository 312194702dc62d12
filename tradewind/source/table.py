"""A table as its database declares it, for any family of databases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tradewind.source.naming import TableName


@dataclass(frozen=True)
class Column:
    """A column as declared; `source_type` is PostgreSQL's spelling, as `numeric(18,2)`, domains resolved."""

    name: str
    source_type: str
    nullable: bool
    comment: str
    allowed_values: tuple[str, ...] = ()
    limits: tuple[int, int] | None = None
    """The smallest and the largest value, where they are declared."""
    is_enum: bool = False
    """Whether the type, or that of an array's elements, is an enumeration."""
    refusal: str = ""
    """Why the column is not captured; empty if it is."""


@dataclass(frozen=True)
class ForeignKey:
    """Columns that refer to columns of another table, position by position."""

    name: str
    columns: tuple[str, ...]
    schema: str
    table: str
    referenced_columns: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """A table as declared, columns in their order; a partitioned table is one, its partitions are none.

    `primary_key` identifies a row: the declared one, else a unique index over columns that are not null;
    empty where there is neither.
    """

    schema: str
    name: str
    comment: str
    columns: tuple[Column, ...]
    primary_key: tuple[str, ...]
    foreign_keys: tuple[ForeignKey, ...]
    rules: Mapping[str, str] = field(default_factory=dict, hash=False)
    """Conditions (SQL) that every row keeps, by name."""
    logs_whole_rows: bool = False
    """Whether each change carries every value; PostgreSQL may leave out long unchanged ones."""
    children: tuple[TableName, ...] = ()
    """Tables that inherit from it, and theirs."""
    refusal: str = ""
    """Why the table is not captured; empty if it is."""
    is_excluded: bool = False
    """Whether that is because an operator excluded it."""

    @property
    def qualified_name(self) -> TableName:
        """Its schema and name."""
        return TableName(self.schema, self.name)

    @property
    def captured_columns(self) -> tuple[Column, ...]:
        """The columns that are captured."""
        return tuple(column for column in self.columns if not column.refusal)

    def column(self, name: str) -> Column:
        """The column of that name; raises KeyError."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"{self.schema}.{self.name} has no column {name}")
