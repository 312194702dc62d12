"""Whether a table's own checks exclude the values that the capture would alter.

The checks are evaluated by the database itself on each such value, so any way of writing them counts.
"""

from __future__ import annotations

from collections.abc import Sequence

import psycopg
from psycopg import sql


def not_excluded(
    connection: psycopg.Connection,
    column: str,
    values: Sequence[str],
    checks: Sequence[str],
    domain: str | None,
) -> list[str]:
    """Those of the values (SQL expressions) that the column may hold.

    `checks` are the conditions of check constraints on this column alone, as SQL; `domain` the name of its
    domain, as SQL, if it has one.
    """
    return [value for value in values if _may_hold(connection, column, value, checks, domain)]


def _may_hold(
    connection: psycopg.Connection, column: str, value: str, checks: Sequence[str], domain: str | None
) -> bool:
    candidate = f"cast({value} as {domain})" if domain else value
    conditions = "".join(f" and ({check}) is not false" for check in checks)
    # The value is named in the result, or the database would not compute it and not check its domain.
    query = sql.SQL("select {0} is not null{1} from (select {2} as {0}) as candidate").format(
        sql.Identifier(column), sql.SQL(conditions), sql.SQL(candidate)
    )
    try:
        with connection.transaction():
            row = connection.execute(query).fetchone()
    except psycopg.errors.CheckViolation:
        return False
    except psycopg.Error:
        return True  # a check that this role may not evaluate excludes nothing that is known
    return row is None or bool(row[0])
