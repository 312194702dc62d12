"""What an address declares: the relation it answers from, its order, its parameters, and who may read it."""

from __future__ import annotations

from dataclasses import dataclass

from tradewind.ml.outputs import Output


@dataclass(frozen=True)
class Order:
    """The order of rows, which ends with a key, so that pages can follow each other."""

    columns: tuple[str, ...]
    is_descending: bool = False


@dataclass(frozen=True)
class Names:
    """Columns of a mart that say in words what a row's keys mean."""

    mart: str
    """With its database."""
    key: tuple[str, ...]
    """Columns of both, which identify a row of the mart."""
    columns: tuple[str, ...]


@dataclass(frozen=True)
class Prediction:
    """Rows that a model writes, not a build."""

    output: Output
    model: str
    """The model that has to be trained."""
    command: str
    """What `tradewind ml predict` is asked for."""
    run: str | None = None
    """The column with the day of a run; the rows are those of the last one unless it is asked for."""

    @property
    def missing(self) -> str:
        """What to do while nothing has been predicted."""
        return (
            f"{self.output.name} has no predictions yet: run `tradewind ml train {self.model}`, "
            f"then `tradewind ml predict {self.command}`"
        )


@dataclass(frozen=True)
class Table:
    """One address and the relation behind it."""

    path: str
    relation: str
    summary: str
    order: Order
    filters: tuple[str, ...] = ()
    """Columns that a parameter of the same name restricts to one value."""
    period: str | None = None
    """The date or time column that `from` and `to` restrict; both are included."""
    seller: str | None = None
    """The column with the seller's key; without one, sellers may not read the table."""
    has_people: bool = False
    """Rows are of single people."""
    is_live: bool = False
    """Near real time: it changes by itself, not with a build."""
    is_single: bool = False
    """One row, or one per value of a small key: no pages."""
    prediction: Prediction | None = None
    """Rows that a model writes; None for those of a build or of the live marts."""
    names: tuple[Names, ...] = ()
    """What the rows are joined with."""

    @property
    def added_columns(self) -> tuple[str, ...]:
        """The columns that come from what the rows are joined with."""
        return tuple(column for names in self.names for column in names.columns)

    @property
    def name(self) -> str:
        """The relation without its database."""
        return self.relation.partition(".")[2]
