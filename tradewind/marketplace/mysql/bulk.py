"""Writing much at once to a MySQL-family server: row rules at rest, all rules checked before the commit.

`load data local` cannot stop a client that is sending, so the server skips or cuts what it cannot take and
warns; any warning is an error here, and the whole load is undone.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

import pyarrow as pa
import pyarrow.compute as pc
import pymysql

from tradewind.source.errors import LoadError
from tradewind.source.mysql.connection import Connection, connect, rows, run_all

_BULK_LOCK = "tradewind_bulk"
_PATIENCE_SECONDS = 60
_SHOWN_VIOLATIONS = 5
_SHOWN_WARNINGS = 3
_ESCAPED = (("\\", "\\\\"), ("\t", "\\t"), ("\n", "\\n"))
_NULL = "\\N"


@contextmanager
def bulk_load(owner_url: str) -> Iterator[Connection]:
    """One transaction for a load; it commits only if every rule holds over every row."""
    with connect(owner_url, local_files=True) as connection:
        if rows(connection, "select get_lock(%s, %s)", _BULK_LOCK, _PATIENCE_SECONDS) != [(1,)]:
            raise LoadError(
                "database", f"another load has been running for {_PATIENCE_SECONDS} s; wait for it"
            )
        try:
            run_all(
                connection,
                "insert into rules.writers (connection_id, is_bulk_load) values (connection_id(), true)",
            )
        except pymysql.ProgrammingError as error:
            raise LoadError("database", "has no shop schema; run `tradewind source init` first") from error
        yield connection
        _require_no_violations(connection)
        run_all(connection, "delete from rules.writers where connection_id = connection_id()")


def append(connection: Connection, name: str, table: pa.Table) -> None:
    """Append rows to a table, `labels.attacks` or `orders`; columns the rows do not have take their default.

    Raises LoadError if the server did not take every row as it is.
    """
    if not table.num_rows:
        return
    columns = ", ".join(f"`{column}`" for column in table.column_names)
    target = ".".join(f"`{part}`" for part in name.split("."))
    with tempfile.NamedTemporaryFile(prefix="tradewind-") as file, connection.cursor() as cursor:
        file.write(lines(table))
        file.flush()
        statement = f"load data local infile %s into table {target} character set utf8mb4 ({columns})"
        taken = cursor.execute(statement, (file.name,))
        if cursor.warning_count or taken != table.num_rows:
            cursor.execute("show warnings limit %s", (_SHOWN_WARNINGS,))
            warnings = "; ".join(str(message) for _, _, message in cursor.fetchall())
            raise LoadError(name, f"{taken} of {table.num_rows} rows were taken: {warnings}")


def lines(table: pa.Table) -> bytes:
    """Rows as `load data` reads them: tabs between fields, a line each, `\\N` for null."""
    fields = [_field(column.combine_chunks()) for column in table.columns]
    joined = pc.binary_join_element_wise(*fields, "\t")
    whole = pa.ListArray.from_arrays([0, table.num_rows], joined)
    text: str = pc.binary_join(whole, "\n")[0].as_py()
    return f"{text}\n".encode()


def _field(column: pa.Array) -> pa.Array:
    if pa.types.is_boolean(column.type):
        column = column.cast(pa.int8())
    elif pa.types.is_timestamp(column.type):
        column = column.cast(pa.timestamp("us"))
    text = column.cast(pa.string())
    for plain, escaped in _ESCAPED if pa.types.is_string(column.type) else ():
        text = pc.replace_substring(text, plain, escaped)
    return text.fill_null(_NULL)


def _require_no_violations(connection: Connection) -> None:
    found = rows(connection, "select rule, `key`, detail from violations")
    if not found:
        return
    shown = "; ".join(f"{rule}, key {key}: {detail}" for rule, key, detail in found[:_SHOWN_VIOLATIONS])
    raise LoadError(
        "database", f"{len(found)} rows would break the shop's rules, nothing was loaded: {shown}"
    )
