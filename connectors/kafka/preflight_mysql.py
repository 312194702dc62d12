"""Whether a MySQL-family server can be captured."""

from __future__ import annotations

from collections.abc import Iterator

from connectors.kafka.findings import Finding
from tradewind.settings import Endpoint
from tradewind.source.mysql.connection import (
    Connection,
    MysqlError,
    connect,
    family_and_version,
    rows,
)

_DAY = 86400
_SHORTEST_DAYS = 3
# Variable -> the value it must have, and what happens otherwise.
_NEEDED = {
    "log_bin": ("ON", "no change is logged"),
    "binlog_format": ("ROW", "statements are logged instead of rows"),
    "binlog_row_image": ("FULL", "captured changes would lack columns"),
}
_WANTED = {
    "MySQL": {"gtid_mode": "ON", "enforce_gtid_consistency": "ON"},
    "MariaDB": {"gtid_strict_mode": "ON"},
}
_PRIVILEGES = {
    "REPLICATION SLAVE": "read the log",
    "REPLICATION CLIENT": "know where the log stands",
    "RELOAD": "take a consistent snapshot",
    "SELECT": "read the tables",
}
_ALSO_CALLED = {"REPLICATION CLIENT": "BINLOG MONITOR"}


def check(replication_url: str) -> list[Finding]:
    """Every finding, errors first."""
    try:
        with connect(replication_url) as connection:
            found = [*_server(connection), *_privileges(connection, Endpoint(replication_url))]
    except MysqlError as error:
        return [Finding(True, f"no connection: {error}", "check the address")]
    return sorted(found, key=lambda finding: not finding.is_error)


def _server(connection: Connection) -> Iterator[Finding]:
    variables = {str(name): str(value) for name, value in rows(connection, "show global variables")}
    for name, (needed, consequence) in _NEEDED.items():
        if variables.get(name) != needed:
            yield Finding(
                True,
                f"{name} is {variables.get(name)}: {consequence}",
                f"{name} = {needed} in the server's configuration, and a restart; see deploy/mysql",
            )
    family, _ = family_and_version(variables["version"])
    for name, wanted in _WANTED[family].items():
        if variables.get(name) != wanted:
            yield Finding(
                False,
                f"{name} is {variables.get(name)}: the capture cannot follow to another server",
                f"{name} = {wanted} in the server's configuration, and a restart",
            )
    seconds = int(float(variables.get("binlog_expire_logs_seconds", "0")))
    if 0 < seconds < _SHORTEST_DAYS * _DAY:
        yield Finding(
            False,
            f"the log is kept for {seconds / _DAY:.1f} days: a capture that is away longer loses changes",
            "set global binlog_expire_logs_seconds = 604800;",
        )


def _privileges(connection: Connection, address: Endpoint) -> Iterator[Finding]:
    granted = " ".join(str(line[0]).upper() for line in rows(connection, "show grants"))
    if "ALL PRIVILEGES ON *.*" in granted:
        return
    for privilege, purpose in _PRIVILEGES.items():
        names = (privilege, _ALSO_CALLED.get(privilege, privilege))
        if not any(name in granted for name in names):
            where = f"{address.database}.*" if privilege == "SELECT" else "*.*"
            yield Finding(
                True,
                f"{address.user} may not {purpose} ({privilege})",
                f"grant {privilege.lower()} on {where} to {address.user}@'%';",
            )
