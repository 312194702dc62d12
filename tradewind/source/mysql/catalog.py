"""The live catalogue of a MySQL-family database, in the form of `tradewind.source.catalog`."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from tradewind.settings import Endpoint
from tradewind.source.mysql.connection import Connection, connect, family_and_version, rows
from tradewind.source.naming import DEFAULT_SCHEMA
from tradewind.source.table import Column, ForeignKey, Table

# These servers' name of a type -> PostgreSQL's.
_TYPES = {
    "bigint": "bigint",
    "int": "integer",
    "mediumint": "integer",
    "smallint": "smallint",
    "tinyint": "smallint",
    "double": "double precision",
    "float": "real",
    "char": "text",
    "varchar": "text",
    "tinytext": "text",
    "text": "text",
    "mediumtext": "text",
    "longtext": "text",
    "json": "jsonb",
    "date": "date",
    "timestamp": "timestamp with time zone",
    "datetime": "timestamp without time zone",
}
_ALLOWED = re.compile(r"^\(*`(?P<column>\w+)` in \((?P<values>.*?)\)+$", re.IGNORECASE)
_TEXT_LITERAL = re.compile(r"(?:_utf8mb[34])?\\?'((?:[^'\\]|'')*)\\?'")
_JSON_VALID = re.compile(r"^json_valid\(`(\w+)`\)$")


def read_catalog(database_url: str) -> tuple[Table, ...]:
    """The tables of the address's database, by name, in the schema of the shop; views are left out."""
    with connect(database_url) as connection:
        tables = read_tables(connection, (Endpoint(database_url).database,))
    return tuple(_in_default_schema(table) for table in tables)


def read_tables(connection: Connection, databases: Iterable[str]) -> tuple[Table, ...]:
    """The tables of the databases, by database and name, on an open connection."""
    wanted = tuple(databases)
    checks = check_clauses(connection, wanted)
    columns = _columns(connection, wanted, checks)
    keys = _primary_keys(connection, wanted)
    foreign_keys = _foreign_keys(connection, wanted)
    return tuple(
        Table(database, name, comment, tuple(columns[database, name]), keys.get((database, name), ()), own)
        for database, name, comment in _texts(connection, _TABLES, wanted)
        for own in [tuple(foreign_keys[database, name])]
    )


def _in_default_schema(table: Table) -> Table:
    """The database of a MySQL family server is what the default schema is in PostgreSQL."""
    keys = tuple(
        replace(key, schema=DEFAULT_SCHEMA) if key.schema == table.schema else key
        for key in table.foreign_keys
    )
    return replace(table, schema=DEFAULT_SCHEMA, foreign_keys=keys)


def check_clauses(connection: Connection, databases: tuple[str, ...]) -> dict[tuple[str, str, str], str]:
    """(database, table, constraint) -> the condition as the server prints it."""
    ((version,),) = rows(connection, "select version()")
    query = _CHECKS_OF[family_and_version(str(version))[0]]
    return {
        (database, table, name): clause
        for database, table, name, clause in _texts(connection, query, databases)
    }


def type_in_postgresql(column_type: str, *, is_json: bool = False) -> str:
    """`decimal(18,2)` -> `numeric(18,2)`; a type without a counterpart stays as it is."""
    name, _, rest = column_type.lower().partition("(")
    if column_type.lower() == "tinyint(1)":
        return "boolean"
    if name == "decimal":
        return f"numeric({rest}"
    return "jsonb" if is_json else _TYPES.get(name, column_type)


def _columns(
    connection: Connection, databases: tuple[str, ...], checks: dict[tuple[str, str, str], str]
) -> dict[tuple[str, str], list[Column]]:
    json: set[tuple[str, str, str]] = set()
    allowed: dict[tuple[str, str, str], tuple[str, ...]] = {}
    for (database, table, _), clause in checks.items():
        if valid := _JSON_VALID.match(clause):
            json.add((database, table, valid[1]))
        elif listed := _ALLOWED.match(clause):
            values = _TEXT_LITERAL.findall(listed["values"])
            allowed[database, table, listed["column"]] = tuple(value.replace("''", "'") for value in values)
    found: dict[tuple[str, str], list[Column]] = defaultdict(list)
    for database, table, name, column_type, nullable, comment in _texts(connection, _COLUMNS, databases):
        place = (database, table, name)
        source_type = type_in_postgresql(column_type, is_json=place in json)
        found[database, table].append(
            Column(name, source_type, nullable == "YES", comment, allowed.get(place, ()))
        )
    return found


def _primary_keys(
    connection: Connection, databases: tuple[str, ...]
) -> dict[tuple[str, str], tuple[str, ...]]:
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    for database, table, column in _texts(connection, _KEYS, databases):
        found[database, table] = (*found.get((database, table), ()), column)
    return found


def _foreign_keys(
    connection: Connection, databases: tuple[str, ...]
) -> dict[tuple[str, str], list[ForeignKey]]:
    pairs: dict[tuple[str, str, str, str, str], list[tuple[str, str]]] = defaultdict(list)
    for database, table, name, column, *target, referenced in _texts(connection, _FOREIGN_KEYS, databases):
        pairs[database, table, name, target[0], target[1]].append((column, referenced))
    found: dict[tuple[str, str], list[ForeignKey]] = defaultdict(list)
    for (database, table, name, to_database, to_table), columns in pairs.items():
        own, referenced_columns = zip(*columns, strict=True)
        found[database, table].append(ForeignKey(name, own, to_database, to_table, referenced_columns))
    return found


def _texts(connection: Connection, query: str, databases: tuple[str, ...]) -> list[tuple[str, ...]]:
    return [tuple(str(value) for value in row) for row in rows(connection, query, databases)]


_TABLES = """
    select table_schema, table_name, table_comment
    from information_schema.tables
    where table_schema in %s and table_type = 'BASE TABLE'
    order by table_schema, table_name
"""

_COLUMNS = """
    select table_schema, table_name, column_name, column_type, is_nullable, column_comment
    from information_schema.columns
    where table_schema in %s
    order by table_schema, table_name, ordinal_position
"""

_KEYS = """
    select table_schema, table_name, column_name
    from information_schema.key_column_usage
    where table_schema in %s and constraint_name = 'PRIMARY'
    order by table_schema, table_name, ordinal_position
"""

_FOREIGN_KEYS = """
    select table_schema, table_name, constraint_name, column_name,
        referenced_table_schema, referenced_table_name, referenced_column_name
    from information_schema.key_column_usage
    where table_schema in %s and referenced_table_name is not null
    order by table_schema, table_name, constraint_name, ordinal_position
"""

# MariaDB's names of checks are unique in a table only; MySQL does not say the table beside the condition.
_CHECKS_OF = {
    "MariaDB": """
        select constraint_schema, table_name, constraint_name, check_clause
        from information_schema.check_constraints
        where constraint_schema in %s
    """,
    "MySQL": """
        select checks.constraint_schema, owners.table_name, checks.constraint_name, checks.check_clause
        from information_schema.check_constraints as checks
        inner join information_schema.table_constraints as owners
            on checks.constraint_schema = owners.constraint_schema
            and checks.constraint_name = owners.constraint_name
        where checks.constraint_schema in %s
    """,
}
