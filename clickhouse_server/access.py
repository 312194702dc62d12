"""Who may do what: roles and session settings, read from the access file."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from pathlib import Path
from typing import Any

ROLE_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
DATABASE_PATTERN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
TABLE_PATTERN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\.(\*|[A-Za-z_][A-Za-z0-9_]*\*?)")

READABLE_SYSTEM_TABLES = (
    "one", "numbers", "numbers_mt", "zeros", "databases", "tables", "columns", "settings", "functions",
    "data_type_families", "formats", "time_zones", "collations", "keywords", "table_engines",
    "table_functions", "build_options", "contributors", "licenses", "aggregate_function_combinators",
    "current_roles", "data_skipping_indices", "dictionaries", "enabled_roles",
)  # fmt: skip
# Granted for a single statement: one that the server has rewritten to show the user's own queries only.
PROCESSES_ROLE = "_processes"


class AccessFileError(RuntimeError):
    """The access file cannot be used; the message names the entry that is wrong."""


class Level(IntEnum):
    """How far a role's statements are restricted; a higher level includes the lower ones."""

    READER = 1
    WRITER = 2
    ADMIN = 3


@dataclass(frozen=True)
class Role:
    """What users of a role may do.

    A reader reads `tables` ("ads.*", "cdm.dim_*"); a writer manages all tables of `databases`; an admin
    does everything. `settings` are in force for every query of the role.
    """

    name: str
    level: Level
    databases: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()
    settings: Mapping[str, str] = field(default_factory=dict)

    @property
    def grants(self) -> tuple[str, ...]:
        """The engine's GRANT statements for this role."""
        if self.level is Level.ADMIN:
            return ("GRANT ALL ON *.* WITH GRANT OPTION",)
        information_schema = tuple(
            f"GRANT SELECT ON {name}.*" for name in ("information_schema", "INFORMATION_SCHEMA")
        )
        if self.level is Level.WRITER:
            return (
                *(f"GRANT ALL ON {database}.*" for database in self.databases),
                "GRANT CREATE TEMPORARY TABLE ON *.*",
                "GRANT TABLE ENGINE ON *",
                "GRANT SHOW ON *.*",
                "GRANT SELECT ON system.*",
                *information_schema,
            )
        return (
            *self.granted_tables,
            "GRANT SHOW DATABASES ON default.*",
            *information_schema,
            *(f"GRANT SELECT ON system.{table}" for table in READABLE_SYSTEM_TABLES),
        )

    @property
    def granted_tables(self) -> tuple[str, ...]:
        """The grants of a reader's own tables."""
        return tuple(f"GRANT SELECT ON {pattern}" for pattern in self.tables)


@dataclass(frozen=True)
class Access:
    """The roles by name, and the settings that every session starts with."""

    roles: Mapping[str, Role]
    session_settings: Mapping[str, str] = field(default_factory=dict)

    def level(self, roles: Iterable[str]) -> Level:
        """The highest level among these roles."""
        return max(self.roles[name].level for name in roles)

    def settings_of(self, roles: Iterable[str]) -> dict[str, str]:
        """The settings in force for queries of these roles; a later role's win."""
        return {name: value for role in roles for name, value in self.roles[role].settings.items()}


DEFAULT_ACCESS = Access(roles={"admin": Role("admin", Level.ADMIN)})
"""Without an access file there is one role."""


def load_access(path: Path | None) -> Access:
    """Read the access file; raises AccessFileError. Its form is described in this package's README.md."""
    if path is None:
        return DEFAULT_ACCESS
    try:
        content = json.loads(path.read_text())
    except OSError as error:
        raise AccessFileError(f"access file {path} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise AccessFileError(f"access file {path} is not JSON: {error}") from error
    try:
        return _access(content)
    except AccessFileError as error:
        raise AccessFileError(f"access file {path}: {error}") from error


def _access(content: Any) -> Access:
    entries = _only(content, "the file", {"roles", "session_settings"})
    roles = entries.get("roles")
    if not isinstance(roles, dict) or not roles:
        raise AccessFileError('"roles" must name at least one role')
    return Access(
        roles={name: _role(name, entry) for name, entry in roles.items()},
        session_settings=_settings(entries.get("session_settings", {}), "session_settings"),
    )


def _role(name: str, entry: Any) -> Role:
    if not ROLE_NAME.fullmatch(name) or name == PROCESSES_ROLE:
        raise AccessFileError(f'role "{name}": use letters, digits and underscores')
    entries = _only(entry, f'role "{name}"', {"level", "databases", "tables", "settings"})
    known = {level.name.lower(): level for level in Level}
    level = known.get(str(entries.get("level")))
    if level is None:
        raise AccessFileError(f'role "{name}": "level" must be one of {", ".join(sorted(known))}')
    return Role(
        name,
        level,
        databases=_patterns(entries, name, "databases", DATABASE_PATTERN, "a database's name"),
        tables=_patterns(
            entries, name, "tables", TABLE_PATTERN, "database.table, database.prefix* or database.*"
        ),
        settings=_settings(entries.get("settings", {}), f'role "{name}": settings'),
    )


def _only(entry: Any, what: str, known: set[str]) -> dict[str, Any]:
    if not isinstance(entry, dict):
        raise AccessFileError(f"{what} must be a JSON object")
    if unknown := set(entry) - known:
        raise AccessFileError(
            f"{what}: unknown {', '.join(sorted(unknown))}; known: {', '.join(sorted(known))}"
        )
    return entry


def _patterns(
    entries: Mapping[str, Any], role: str, key: str, form: re.Pattern[str], expected: str
) -> tuple[str, ...]:
    values = entries.get(key, [])
    if not isinstance(values, list):
        raise AccessFileError(f'role "{role}": "{key}" must be a list')
    for value in values:
        if not isinstance(value, str) or not form.fullmatch(value):
            raise AccessFileError(f'role "{role}": {key}: {value!r} is not {expected}')
    return tuple(values)


def _settings(entries: Any, what: str) -> dict[str, str]:
    if not isinstance(entries, dict):
        raise AccessFileError(f"{what} must be a JSON object")
    for name, value in entries.items():
        if not ROLE_NAME.fullmatch(name) or not isinstance(value, str):
            raise AccessFileError(f"{what}: {name!r} must be a setting's name with its value as a string")
    return dict(entries)
