"""The load of any data set: its files staged, its SQL run step by step, every row accounted for."""

from __future__ import annotations

import time
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import LiteralString

import psycopg

from tradewind.marketplace.loaders.bulk import bulk_load, run_file, stage
from tradewind.marketplace.loaders.keys import set_aside
from tradewind.marketplace.loaders.report import Derived, FileLoad, LoadReport, Note, Refusal
from tradewind.source.errors import LoadError
from tradewind.source.files import FileSpec

_SQL = Path(__file__).parent / "sql"


@dataclass(frozen=True)
class Step:
    """One SQL file: the table it fills, the file those rows stand for, or how they are derived."""

    sql_file: str
    table: str
    source: FileSpec | None = None
    derived: str = ""


@dataclass(frozen=True)
class Money:
    """The currency of a data set's amounts, and the query of the moment of the first of them."""

    currency: LiteralString
    first_order: LiteralString


@dataclass(frozen=True)
class DataSet:
    """A data set: its name, which is also its folder of SQL, and its steps in order.

    `0*.sql` of that folder prepares temporary tables; `90_notes.sql` says what needs explaining.
    """

    name: str
    steps: tuple[Step, ...]
    money: Money | None = None
    time_zone: str = "UTC"
    """Where the files' times are local, by its name in the IANA database."""
    last_day: date | None = None
    """The day of its last order: figures of a shop that stopped then look back from it."""
    is_large: bool = False
    """Whether foreign keys and indexes are set aside while it is written: dear at first, cheap per row."""

    @property
    def files(self) -> tuple[FileSpec, ...]:
        """The files, in the order of the steps they are for."""
        return tuple(step.source for step in self.steps if step.source is not None)

    @property
    def sql(self) -> Path:
        """The folder of its SQL."""
        return _SQL / self.name


def load(data_set: DataSet, owner_url: str, folder: Path, shown_folder: Path | None = None) -> LoadReport:
    """Load the files of `folder` in one transaction; repeating it adds nothing.

    Raises LoadError, with nothing loaded, for a missing or malformed file, row or column. A row that is
    well formed but refers to a row that is not there, or repeats a key, is refused and reported.
    """
    started = time.monotonic()
    with (
        bulk_load(owner_url) as connection,
        set_aside(connection) if data_set.is_large else nullcontext(),
    ):
        connection.execute("select set_config('timezone', %s, true)", [data_set.time_zone])
        names = {spec: stage(connection, folder, spec) for spec in data_set.files}
        for path in (_SQL / "refuse.sql", *sorted(data_set.sql.glob("0*.sql"))):
            connection.execute(path.read_bytes())
        if data_set.money is not None:
            _require_reporting_currency(connection, data_set.money)
        steps = data_set.steps
        counts = [(step, run_file(connection, data_set.sql / f"{step.sql_file}.sql")) for step in steps]
        refused = _refusals(connection, names)
        derived = [Derived(step.table, count, step.derived) for step, count in counts if step.derived]
        notes = _notes(connection, data_set)
        loaded = {step.source: (step.table, count) for step, count in counts if step.source is not None}
    files = tuple(_file_load(*names[spec], *loaded[spec], refused) for spec in data_set.files)
    seconds = round(time.monotonic() - started, 2)
    return LoadReport(
        data_set.name, str(shown_folder or folder), files, tuple(derived), refused, notes, seconds
    )


def _require_reporting_currency(connection: psycopg.Connection, money: Money) -> None:
    """Amounts need rates; only a shop that reports in their currency, or in nothing yet, has them."""
    [first_order] = connection.execute(money.first_order).fetchone() or [None]
    row = connection.execute(
        "select reporting_currency from fx_rates where reporting_currency <> %s and not exists ("
        " select from fx_rates where currency = %s and rate_date <= %s) limit 1",
        [money.currency, money.currency, first_order],
    ).fetchone()
    if row is not None:
        raise LoadError(
            "database",
            f"this shop reports in {row[0]} and fx_rates holds no {money.currency} rate for the first order: "
            "add the rates, or load into an empty shop",
        )


def _refusals(connection: psycopg.Connection, names: dict[FileSpec, tuple[str, int]]) -> tuple[Refusal, ...]:
    file_names = {spec.stem: name for spec, (name, _) in names.items()}
    rows = connection.execute("select stem, line, reason from refused order by stem, line")
    return tuple(Refusal(file_names[stem], line, reason) for stem, line, reason in rows)


def _notes(connection: psycopg.Connection, data_set: DataSet) -> tuple[Note, ...]:
    """What a reader of the loaded tables should know about values the files do not state."""
    rows = connection.execute((data_set.sql / "90_notes.sql").read_bytes())
    return tuple(Note(table, count, what) for table, count, what in rows if count)


def _file_load(name: str, rows: int, table: str, loaded: int, refused: tuple[Refusal, ...]) -> FileLoad:
    refused_here = sum(1 for refusal in refused if refusal.file == name)
    return FileLoad(name, table, rows, loaded, rows - loaded - refused_here, refused_here)
