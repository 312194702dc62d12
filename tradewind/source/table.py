"""A table as its database declares it, for any family of databases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Column:
    """A column as declared; `source_type` is PostgreSQL's spelling, such as `numeric(18,2)`."""

    name: str
    source_type: str
    nullable: bool
    comment: str
    allowed_values: tuple[str, ...] = ()
    limits: tuple[int, int] | None = None
    """The smallest and the largest value, where they are declared."""


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
    """A table as declared, columns in their order; `primary_key` is empty where there is none."""

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

    def column(self, name: str) -> Column:
        """The column of that name; raises KeyError."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"{self.schema}.{self.name} has no column {name}")
