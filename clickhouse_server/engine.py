"""The ClickHouse engine of this process: opening it, connections, killing a query."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from typing import Any

import chdb

from clickhouse_server.access import Access
from clickhouse_server.engine_config import write_engine_config
from clickhouse_server.errors import from_engine
from clickhouse_server.options import Options

ENGINE_ERRORS = (chdb.ChdbError, RuntimeError)

# The engine gives queries ids of its own. A query is found again by this setting, which has an effect
# only together with `metrics_perf_events_enabled` and so is free to carry "<query id>\t<user>".
QUERY_TAG_SETTING = "metrics_perf_events_list"


def quote(value: str) -> str:
    """A string literal."""
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def quote_name(name: str) -> str:
    """An identifier in backquotes."""
    return "`" + name.replace("\\", "\\\\").replace("`", "\\`") + "`"


class Connection:
    """One engine connection: its own roles, current database, settings and temporary tables."""

    def __init__(self, address: str) -> None:
        self._raw: Any = chdb.connect(address)
        self._pending: Mapping[str, str] = {}

    @property
    def raw(self) -> Any:
        """chDB's own connection, for streams."""
        self._apply_pending()
        return self._raw

    def run(self, text: str, output: str = "TSV", params: Mapping[str, str] | None = None) -> Any:
        """Run one statement to its end; chDB's result with `bytes()` and its counters."""
        self._apply_pending()
        try:
            return self._raw.query(text, output, params=dict(params or {}))
        except ENGINE_ERRORS as error:
            raise from_engine(error) from None

    def rows(self, text: str, params: Mapping[str, str] | None = None) -> list[list[str]]:
        """A small result as rows of strings."""
        lines: bytes = self.run(text, "JSONCompactStringsEachRow", params).bytes()
        return [json.loads(line) for line in lines.splitlines()]

    def set_roles(self, roles: Sequence[str]) -> None:
        """Have the rights of these roles and no others."""
        self.run(f"SET ROLE {', '.join(roles)}")

    def use(self, database: str) -> None:
        """Change the current database."""
        self.run(f"USE {quote_name(database)}")

    def set(self, settings: Mapping[str, str]) -> None:
        """Change settings until they are changed again."""
        if settings:
            pairs = (f"{quote_name(name)} = {quote(value)}" for name, value in settings.items())
            self.run("SET " + ", ".join(pairs))

    def set_before_next(self, settings: Mapping[str, str]) -> None:
        """Change settings just before the next statement, in the same thread."""
        self._pending = settings

    def _apply_pending(self) -> None:
        settings, self._pending = self._pending, {}
        self.set(settings)

    def reset(self, names: Sequence[str]) -> None:
        """Give settings the values that every connection starts with."""
        if names:
            self.run("SET " + ", ".join(f"{quote_name(name)} = DEFAULT" for name in names))

    def close(self) -> None:
        """Close the connection; a stream that is still open is cancelled."""
        self._raw.close()


class Engine:
    """The engine, open on one data folder for as long as this object is."""

    def __init__(self, options: Options, access: Access) -> None:
        config = write_engine_config(options.config_folder, access)
        options.engine_folder.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(options.pipes_folder, ignore_errors=True)
        options.pipes_folder.mkdir()
        self.pipes_folder = options.pipes_folder
        self._address = f"{options.engine_folder}?config-file={config}"
        self._first = Connection(self._address)  # the engine stays open while a connection is
        self.version: str = self._first.rows("SELECT version()")[0][0]
        self.timezone: str = self._first.rows("SELECT timezone()")[0][0]
        self.display_name: str = self._first.rows("SELECT displayName()")[0][0]

    def connect(self) -> Connection:
        """A new connection with every right; `set_roles` comes before any statement of a user."""
        return Connection(self._address)

    def kill(self, tag: str) -> bool:
        """Ask the engine to stop the query that carries this tag; whether there was one."""
        connection = self.connect()
        try:
            kill = f"KILL QUERY WHERE Settings['{QUERY_TAG_SETTING}'] = {quote(tag)} ASYNC"
            return bool(connection.rows(kill))
        finally:
            connection.close()

    def close(self) -> None:
        """Close the engine; every other connection must be closed by now."""
        self._first.close()
