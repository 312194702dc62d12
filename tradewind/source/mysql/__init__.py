"""Reading a MySQL-family database: MySQL 8, MariaDB 10.11 or newer."""

SCHEMES = ("mysql", "mariadb")


def is_mysql(url: str) -> bool:
    """Whether an address is of a MySQL-family server: mysql://, mariadb://, mysql+driver://."""
    return url.partition(":")[0].partition("+")[0] in SCHEMES
