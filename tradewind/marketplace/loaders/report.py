"""What a load says of itself: every row of every file is loaded, already there, or refused with a reason."""

from __future__ import annotations

from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class FileLoad:
    """One file: its rows, and what became of them in the table they belong to."""

    file: str
    table: str
    rows: int
    loaded: int
    already_there: int
    refused: int


@dataclass(frozen=True)
class Derived:
    """Rows that no file holds as such, and how they follow from the files."""

    table: str
    rows: int
    how: str


@dataclass(frozen=True)
class Refusal:
    """A row that was not loaded."""

    file: str
    line: int
    reason: str


@dataclass(frozen=True)
class Note:
    """Rows of the data set whose values need explaining."""

    table: str
    rows: int
    what: str


@dataclass(frozen=True)
class LoadReport:
    """The whole load. `asdict` of it is its JSON form."""

    data_set: str
    folder: str
    files: tuple[FileLoad, ...]
    derived: tuple[Derived, ...]
    refused: tuple[Refusal, ...]
    notes: tuple[Note, ...]
    seconds: float

    @property
    def has_changed_anything(self) -> bool:
        """Whether any row was added."""
        return any(file.loaded for file in self.files) or any(derived.rows for derived in self.derived)

    def as_json(self) -> dict[str, object]:
        """The report as plain values."""
        return asdict(self) | {"has_changed_anything": self.has_changed_anything}

    def summary(self) -> str:
        """One sentence for a person."""
        if not self.has_changed_anything:
            return f"{self.data_set}: nothing to do, every row of {self.folder} is already loaded"
        loaded = sum(file.loaded for file in self.files)
        derived = sum(item.rows for item in self.derived)
        return (
            f"{self.data_set}: {loaded:,} rows loaded, {derived:,} derived, "
            f"{len(self.refused):,} refused, in {self.seconds:.1f} s"
        )
