"""The home's own settings: `stack.env` (addresses with passwords), the warehouse's users and access files."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

from tradewind.settings import ReportingSettings, Settings
from tradewind.stack import ports
from tradewind.stack.api_keys import Keys, Role
from tradewind.stack.errors import StackError
from tradewind.stack.private_files import write_private
from tradewind.warehouse import access

PASSWORD_BYTES = 24
API_KEY = "API_KEY"


@dataclass(frozen=True)
class Address:
    """One variable of stack.env: which service it reaches, as whom, and the path behind the host."""

    variable: str
    service: str
    scheme: str
    user: str = ""
    path: str = ""

    def url(self, port: int, password: str) -> str:
        """The address with its password."""
        login = f"{self.user}:{password}@" if self.user else ""
        return f"{self.scheme}://{login}{ports.HOST}:{port}{self.path}"


ADDRESSES = (
    Address("DATABASE_URL", "postgres", "postgresql", "tradewind_owner", "/ecomm"),
    Address("DATABASE_APP_URL", "postgres", "postgresql", "tradewind_app", "/ecomm"),
    Address("DATABASE_REPLICATION_URL", "postgres", "postgresql", "tradewind_cdc", "/ecomm"),
    Address("CLICKHOUSE_URL", "warehouse", "http", "admin", "/"),
    Address("CLICKHOUSE_WRITER_URL", "warehouse", "http", "writer", "/"),
    Address("CLICKHOUSE_BI_URL", "warehouse", "http", "bi", "/"),
    Address("DAGSTER_URL", "dagster-webserver", "http"),
    Address("REPUTATION_URL", "reputation", "http", "feeds", "/"),
    Address("API_URL", "api", "http"),
)
KAFKA_ADDRESSES = (
    Address("KAFKA_URL", "kafka", "kafka"),
    Address("CONNECT_URL", "connect", "http"),
)
MARIADB_ADDRESSES = tuple(
    replace(address, service="mariadb", scheme="mysql")
    for address in ADDRESSES
    if address.service == "postgres"
)
DEFAULT_PORTS = {
    "postgres": 5432,
    "warehouse": 8123,
    "dagster-webserver": 3000,
    "reputation": 8600,
    "mariadb": 3306,
    "kafka": 9092,
    "connect": 8083,
    "api": 8000,
}
PORT_VARIABLES = {
    "postgres": "TRADEWIND_POSTGRES_PORT",
    "warehouse": "TRADEWIND_WAREHOUSE_PORT",
    "dagster-webserver": "TRADEWIND_DAGSTER_PORT",
    "reputation": "TRADEWIND_REPUTATION_PORT",
    "mariadb": "TRADEWIND_MARIADB_PORT",
    "kafka": "TRADEWIND_KAFKA_PORT",
    "connect": "TRADEWIND_CONNECT_PORT",
    "api": "TRADEWIND_API_PORT",
}


ON_REQUEST = frozenset({"reputation", "simulator"})
"""Services that start only on request."""


@dataclass(frozen=True)
class Kind:
    """What a home's stack is made of; it is chosen by the first `up` and stays."""

    capture: str = "embedded"
    """`embedded`: Debezium in a process of ours; `kafka`: Debezium on Kafka Connect."""
    database: str = "postgres"
    """`postgres` or `mariadb`."""

    @property
    def addresses(self) -> tuple[Address, ...]:
        """The variables of such a home's stack.env."""
        shop = MARIADB_ADDRESSES if self.database == "mariadb" else ()
        replaced = {address.variable: address for address in shop}
        own = tuple(replaced.get(address.variable, address) for address in ADDRESSES)
        return own + KAFKA_ADDRESSES if self.capture == "kafka" else own


EMBEDDED = Kind()


def kind_of(home: Path) -> Kind | None:
    """The kind of a home that has been started before."""
    path = home / "stack.env"
    if not path.exists():
        return None
    lines = path.read_text().splitlines()
    is_kafka = any(line.startswith("KAFKA_URL=") for line in lines)
    is_mariadb = any(line.startswith("DATABASE_URL=mysql:") for line in lines)
    return Kind("kafka" if is_kafka else "embedded", "mariadb" if is_mariadb else "postgres")


def choose_kind(home: Path, wanted: Kind | None) -> Kind:
    """The home's kind: what it is, else what is wanted; StackError if the two differ or cannot be."""
    known = kind_of(home)
    if known is not None and wanted not in (None, known):
        raise StackError(
            f"{home} holds a stack of another kind (capture {known.capture}, database {known.database}); "
            "set TRADEWIND_HOME to another folder"
        )
    kind = known or wanted or EMBEDDED
    if kind.database == "mariadb" and kind.capture == "embedded":
        raise StackError("the embedded capture reads PostgreSQL only; MariaDB goes with --stack kafka")
    return kind


def prepare(
    home: Path,
    running: set[str],
    requested: Collection[str] = (),
    moved: Collection[str] = (),
    wanted: Kind | None = None,
) -> set[str]:
    """Write stack.env and the warehouse's users and access files.

    Existing passwords and ports stay, missing ones are created.
    Services in `running` keep their port; for the others that start now it must be free. Those in `moved` get
    another one. Returns the services whose port was chosen now.
    """
    addresses = choose_kind(home, wanted).addresses
    known = _read(home)
    fixed = _fixed_ports(known, running, ON_REQUEST - set(requested), moved, addresses)
    needed = {address.service for address in addresses}
    defaults = {service: port for service, port in DEFAULT_PORTS.items() if service in needed}
    with ports.choose(home, defaults, fixed) as chosen:
        _write(home, known, chosen, addresses)
    return defaults.keys() - fixed.keys()


def _write(
    home: Path, known: dict[str, _Known], chosen: dict[str, int], addresses: Collection[Address]
) -> None:
    passwords = {
        address.variable: known_password or secrets.token_urlsafe(PASSWORD_BYTES)
        for address in addresses
        if address.user
        for known_password in [known[address.variable].password if address.variable in known else None]
    }
    lines = [
        f"{address.variable}={address.url(chosen[address.service], passwords.get(address.variable, ''))}"
        for address in addresses
    ]
    lines.append(f"{API_KEY}={_api_key(home)}")
    lines += [f"{name}={value}" for name, value in _reporting(home).items()]
    heading = "# Written by `tradewind up`: addresses and passwords of this home's stack. Keep it private."
    write_private(home / "stack.env", "\n".join([heading, *lines, ""]))
    write_private(users_file(home), json.dumps(_warehouse_users(passwords), indent=2))
    write_private(access_file(home), access.access_file())


def _api_key(home: Path) -> str:
    """The home's own key: the one it has, or a new one where the API does not know it."""
    path, keys = home / "stack.env", Keys(home)
    lines = path.read_text().splitlines() if path.exists() else []
    for line in lines:
        name, _, value = line.partition("=")
        if name == API_KEY and keys.find(value) is not None:
            return value
    return keys.create("this home", Role.ANALYST)


def users_file(home: Path) -> Path:
    """Where the warehouse server reads its users from."""
    return home / "warehouse-users.json"


def access_file(home: Path) -> Path:
    """Where the warehouse server reads its roles and session settings from."""
    return home / "warehouse-access.json"


def _warehouse_users(passwords: dict[str, str]) -> dict[str, dict[str, str]]:
    return {
        address.user: {"password": passwords[address.variable], "role": address.user}
        for address in ADDRESSES
        if address.service == "warehouse"
    }


def _reporting(home: Path) -> dict[str, str]:
    """The reporting settings that stack.env already has, and for others those of the environment."""
    names = {field.upper() for field in ReportingSettings.model_fields}
    path = home / "stack.env"
    lines = path.read_text().splitlines() if path.exists() else []
    known = dict(line.split("=", 1) for line in lines if "=" in line)
    found = {name: known.get(name) or os.environ.get(name) for name in sorted(names)}
    return {name: value for name, value in found.items() if value}


@dataclass(frozen=True)
class _Known:
    port: int
    password: str | None


def _read(home: Path) -> dict[str, _Known]:
    """The port and password that stack.env already has, per variable."""
    path = home / "stack.env"
    if not path.exists():
        return {}
    known: dict[str, _Known] = {}
    names = {field.upper() for field in Settings.model_fields} - {API_KEY}
    for line in path.read_text().splitlines():
        name, separator, value = line.partition("=")
        if separator and name in names:
            try:
                parts = urlsplit(value.strip())
                port = parts.port
            except ValueError:
                port = None
            if port is None:
                raise StackError(f"{path}: {name} is not an address with a port; correct or remove that line")
            known[name] = _Known(port, parts.password)
    return known


def _fixed_ports(
    known: dict[str, _Known],
    running: set[str],
    unwanted: Collection[str],
    moved: Collection[str],
    addresses: Collection[Address],
) -> dict[str, int]:
    """The ports that are not to be chosen: those that a variable sets and those of an earlier start."""
    remembered = {
        address.service: known[address.variable].port for address in addresses if address.variable in known
    }
    fixed: dict[str, int] = {}
    needed = {address.service for address in addresses}
    for service in PORT_VARIABLES.keys() & needed:
        variable = PORT_VARIABLES[service]
        wanted = ports.explicit_port(variable)
        port = wanted or (None if service in moved else remembered.get(service))
        if service in running and port != remembered.get(service):
            raise StackError(
                f"{service} runs on port {remembered.get(service)} and {variable} asks for {port}; "
                "run `tradewind down` first to move it"
            )
        if port is not None:
            if service not in running and service not in unwanted:
                ports.require_free(port, service, variable)
            fixed[service] = port
    return fixed
