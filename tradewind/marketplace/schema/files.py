"""The schema's SQL files: which of them a database lacks."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


class SchemaError(RuntimeError):
    """The database cannot hold the shop's schema; the message says why and what to do."""


@dataclass(frozen=True)
class InitReport:
    """What `init` did: files applied and left alone, and notes for the operator."""

    applied: tuple[str, ...]
    unchanged: tuple[str, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class SchemaFile:
    """One file: `tables/<name>.sql` or `rules/<name>.sql`."""

    path: Path
    name: str
    checksum: str


def pending(folder: Path, applied: Mapping[str, str]) -> tuple[list[SchemaFile], list[str]]:
    """The files to apply, in order, and the names of those that are there; `applied` are names and checksums.

    Tables are applied once, rules again whenever a file before them is. Raises SchemaError for a changed
    table file.
    """
    missing: list[SchemaFile] = []
    unchanged: list[str] = []
    for file in _files(folder):
        is_rule = file.path.parent.name == "rules"
        if applied.get(file.name) == file.checksum and not (is_rule and missing):
            unchanged.append(file.name)
        elif file.name in applied and not is_rule:
            raise SchemaError(
                f"{file.name} has changed since it was applied here; put the change into a new file in "
                f"{file.path.parent}, or start with an empty database"
            )
        else:
            missing.append(file)
    return missing, unchanged


def _files(folder: Path) -> list[SchemaFile]:
    paths = [*sorted(folder.glob("tables/*.sql")), *sorted(folder.glob("rules/*.sql"))]
    return [
        SchemaFile(path, f"{path.parent.name}/{path.name}", hashlib.sha256(path.read_bytes()).hexdigest())
        for path in paths
    ]
