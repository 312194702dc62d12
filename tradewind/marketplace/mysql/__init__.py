"""The shop on a MySQL-family server: MySQL 8, MariaDB 10.11 or newer.

Belongs here: what differs from PostgreSQL in connecting, creating tables, reading the catalogue, loading.
Doesn't: the SQL itself (`tradewind/marketplace/schema/mysql/`), or what both share
(`tradewind.marketplace.schema`, `tradewind.marketplace.catalog`).
"""

SCHEMES = ("mysql", "mariadb")


def is_mysql(url: str) -> bool:
    """Whether an address is of a MySQL-family server: mysql://, mariadb://, mysql+driver://."""
    return url.partition(":")[0].partition("+")[0] in SCHEMES
