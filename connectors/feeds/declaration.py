"""The parts of a feed's declaration. Its table, its ODS model and the check of its files follow from it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tradewind.source.naming import DEFAULT_SCHEMA
from tradewind.source.table import Column, Table

PERIOD = "period_date"
"""The column that says which month a file is valid for."""

Values = Mapping[str, str | None]


@dataclass(frozen=True)
class Format:
    """How a text must look: a regular expression, and the words for it in an error."""

    pattern: str
    words: str


@dataclass(frozen=True)
class FeedColumn:
    """One column; `source_type` is PostgreSQL's spelling, such as `numeric(18,2)`."""

    name: str
    source_type: str
    description: str
    nullable: bool = False
    limits: tuple[int, int] | None = None
    """The smallest and the largest value."""
    allowed_values: tuple[str, ...] = ()
    format: Format | None = None

    @property
    def is_whole_number(self) -> bool:
        """Whether its values are JSON numbers in the change log; all others but booleans are text."""
        return self.source_type in ("integer", "bigint")

    def column(self) -> Column:
        """The column as the generator of models knows it."""
        return Column(
            self.name, self.source_type, self.nullable, self.description, self.allowed_values, self.limits
        )


@dataclass(frozen=True)
class RowRule:
    """What the values of a row must keep together: checked in files by `holds`, in the model by `sql`."""

    name: str
    column: str
    """The column that an error names."""
    sql: str
    holds: Callable[[Values], bool]
    reason: str
    """The error, with the row's values as `{column}`."""


@dataclass(frozen=True)
class Feed:
    """A feed: what its rows are, what identifies one, and what its columns are."""

    name: str
    description: str
    key: tuple[str, ...]
    columns: tuple[FeedColumn, ...]
    rules: tuple[RowRule, ...] = ()

    def table(self) -> Table:
        """The feed as the generator of models knows it."""
        return Table(
            schema=DEFAULT_SCHEMA,
            name=self.name,
            comment=self.description,
            columns=tuple(column.column() for column in self.columns),
            primary_key=self.key,
            foreign_keys=(),
            rules=self.model_rules(),
            logs_whole_rows=True,
        )

    def model_rules(self) -> dict[str, str]:
        """The rules that the ODS model's test checks: name -> condition."""
        return {rule.name: rule.sql for rule in self.rules}


@dataclass(frozen=True)
class FileFeed(Feed):
    """A feed of files: one file holds one month, and a later file of that month replaces it.

    Its first column is `period_date`, the first day of the month.
    """

    def model_rules(self) -> dict[str, str]:
        """As of any feed, and that the period is a month."""
        return {**super().model_rules(), "period is a month": f"extract(day from {PERIOD}) = 1"}
