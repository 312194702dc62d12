"""One checksum per table of a shop, over all rows and columns, independent of the order of rows."""

from __future__ import annotations

from psycopg import sql

from tradewind.source.mysql import is_mysql
from tradewind.source.owner import owner_connection

_SETTINGS = "set local timezone = 'UTC'; set local datestyle = 'ISO'; set local intervalstyle = 'postgres'"
_TABLES = """
    select n.nspname, c.relname
    from pg_class c
    join pg_namespace n on n.oid = c.relnamespace
    where n.nspname in ('public', 'labels') and c.relkind = 'r'
    order by 1 desc, 2
"""
_CHECKSUM = """
    select count(*), coalesce(sum(('x' || left(md5(row_of_table::text), 15))::bit(60)::bigint), 0)
    from {} as row_of_table
"""


def checksums(owner_url: str) -> dict[str, str]:
    """Per table, labels included: the number of rows and 16 hexadecimal digits over their content."""
    if is_mysql(owner_url):
        from tradewind.marketplace.mysql.checksums import checksums as mysql_checksums

        return mysql_checksums(owner_url)
    found: dict[str, str] = {}
    with owner_connection(owner_url) as connection:
        connection.execute(_SETTINGS)
        for schema, table in connection.execute(_TABLES).fetchall():
            query = sql.SQL(_CHECKSUM).format(sql.Identifier(schema, table))
            row = connection.execute(query).fetchone()
            rows, content = row if row is not None else (0, 0)
            name = table if schema == "public" else f"{schema}.{table}"
            found[name] = f"{rows}:{int(content) % 2**64:016x}"
    return found
