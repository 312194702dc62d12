"""The ClickHouse engine of this process: opening it, connections, stopping a query."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from typing import Any

import chdb

from clickhouse_server.errors import from_engine
from clickhouse_server.options import Options
from clickhouse_server.roles import write_engine_config

ENGINE_ERRORS = (chdb.ChdbError, RuntimeError)

# The engine gives queries ids of its own. A query is found again by this setting, which is of use
# only together with `metrics_perf_events_enabled` and so free to carry "<query id>\t<user>".
MARK_SETTING = "metrics_perf_events_list"


def quote(value: str) -> str:
    """A string literal."""
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def quote_name(name: str) -> str:
    """An identifier in backquotes."""
    return "`" + name.replace("\\", "\\\\").replace("`", "\\`") + "`"


class Connection:
    """One engine connection: its own current database, settings and temporary tables."""

    def __init__(self, address: str) -> None:
        self._raw: Any = chdb.connect(address)
        self._to_set: Mapping[str, str] = {}

    @property
    def raw(self) -> Any:
        """chDB's own connection, for streams."""
        self._catch_up()
        return self._raw

    def run(self, text: str, output: str = "TSV", params: Mapping[str, str] | None = None) -> Any:
        """Run one statement to its end; chDB's result with `bytes()` and its counters."""
        self._catch_up()
        try:
            return self._raw.query(text, output, params=dict(params or {}))
        except ENGINE_ERRORS as error:
            raise from_engine(error) from None

    def rows(self, text: str) -> list[list[str]]:
        """A small result as rows of strings."""
        lines: bytes = self.run(text, "JSONCompactStringsEachRow").bytes()
        return [json.loads(line) for line in lines.splitlines()]

    def use(self, database: str) -> None:
        """Change the current database."""
        self.run(f"USE {quote_name(database)}")

    def set(self, settings: Mapping[str, str]) -> None:
        """Change settings until they are changed again."""
        if settings:
            self.run(
                "SET " + ", ".join(f"{quote_name(name)} = {quote(value)}" for name, value in settings.items())
            )

    def set_later(self, settings: Mapping[str, str]) -> None:
        """Change settings with the next statement: at once, and in no thread of its own."""
        self._to_set = settings

    def _catch_up(self) -> None:
        settings, self._to_set = self._to_set, {}
        self.set(settings)

    def reset(self, names: Sequence[str]) -> None:
        """Put settings back to what every connection starts with."""
        if names:
            self.run("SET " + ", ".join(f"{quote_name(name)} = DEFAULT" for name in names))

    def close(self) -> None:
        """Give the connection back; a stream that is still open is cancelled."""
        self._raw.close()


class Engine:
    """The engine, open on one data folder for as long as this object is."""

    def __init__(self, options: Options) -> None:
        config = write_engine_config(options.config_folder)
        options.engine_folder.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(options.pipes_folder, ignore_errors=True)
        options.pipes_folder.mkdir()
        self.pipes_folder = options.pipes_folder
        self._address = f"{options.engine_folder}?config-file={config}"
        self._keeper = Connection(self._address)
        self.version: str = self._keeper.rows("SELECT version()")[0][0]
        self.timezone: str = self._keeper.rows("SELECT timezone()")[0][0]

    def connect(self, role: str) -> Connection:
        """A new connection that has the rights of `role` and nothing else."""
        connection = Connection(self._address)
        connection.run(f"SET ROLE {role}")
        return connection

    def kill(self, mark: str) -> bool:
        """Ask the engine to stop the query that carries this mark; whether there was one."""
        connection = Connection(self._address)
        try:
            kill = f"KILL QUERY WHERE Settings['{MARK_SETTING}'] = {quote(mark)} ASYNC"
            return bool(connection.rows(kill))
        finally:
            connection.close()

    def close(self) -> None:
        """Close the engine; every other connection must be closed by now."""
        self._keeper.close()
