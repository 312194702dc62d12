"""A reader's queries: each on a new connection, restricted before its statement runs.

A session of a reader keeps no connection, only the database and the settings it chose.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from clickhouse_server.access import PROCESSES_ROLE, Access
from clickhouse_server.connections import QueryContext
from clickhouse_server.current_user import with_user_name
from clickhouse_server.engine import QUERY_TAG_SETTING, Connection, Engine, quote
from clickhouse_server.errors import access_denied
from clickhouse_server.reader_functions import read_functions
from clickhouse_server.reader_guard import (
    ReaderGuard,
    ReaderStatement,
    check_reader_database,
    check_reader_format,
)
from clickhouse_server.reader_settings import ReaderSettings, read_settings
from clickhouse_server.sessions import ReaderState, Sessions
from clickhouse_server.statement import Statement, parse
from clickhouse_server.system_tables import (
    is_only_read,
    process_list,
    replace_system_table,
    show_as_select,
)


class Readers:
    """Connections and checks for the queries of readers."""

    def __init__(self, engine: Engine, access: Access) -> None:
        self._engine = engine
        self._access = access
        self._sessions: Sessions[ReaderState] = Sessions()
        self._settings: dict[tuple[str, ...], ReaderSettings] = {}
        connection = engine.connect()
        self._guard = ReaderGuard(read_functions(connection))
        connection.close()

    @asynccontextmanager
    async def session(self, context: QueryContext) -> AsyncIterator[ReaderState]:
        """The state of the request's session; an empty one if it has none."""
        request, user = context.request, context.user
        session_id = request.params.get("session_id")
        if not session_id:
            yield ReaderState()
            return
        session = self._sessions.take(
            (user.name, user.roles, session_id),
            request.session_seconds,
            must_exist=request.flag("session_check"),
            create=ReaderState,
        )
        try:
            yield session.state
        finally:
            self._sessions.give_back(session, close=request.flag("close_session"))

    @asynccontextmanager
    async def connection(self, context: QueryContext, state: ReaderState) -> AsyncIterator[Connection]:
        """A new connection with the external tables, roles, limits, database and settings of the query."""
        connection = await context.calls(self._connect, context, state)
        try:
            yield connection
        finally:
            await context.calls(connection.close)

    def _connect(self, context: QueryContext, state: ReaderState) -> Connection:
        connection = self._engine.connect()
        try:
            settings = self._settings_of(context.user.roles)
            connection.set(
                {
                    **self._access.settings_of(context.user.roles),
                    **state.settings,
                    **settings.checked(context.request.settings),
                    QUERY_TAG_SETTING: context.running.tag,
                }
            )
            for table in context.tables:
                check_reader_format(table.format)
                table.create(connection)
            connection.set_roles(context.user.roles)
            if database := context.request.database or state.database:
                check_reader_database(database)
                connection.use(database)
        except BaseException:
            connection.close()
            raise
        return connection

    def _settings_of(self, roles: tuple[str, ...]) -> ReaderSettings:
        """The rules for settings, with the values in force for these roles."""
        if roles not in self._settings:
            connection = self._engine.connect()
            try:
                connection.set({**self._access.settings_of(roles), "readonly": "1"})
                self._settings[roles] = ReaderSettings(read_settings(connection))
            finally:
                connection.close()
        return self._settings[roles]

    def admit(self, context: QueryContext, connection: Connection, text: str) -> ReaderStatement:
        """The statement to run instead of `text`, on a connection from now on restricted to reading.

        Raises ClickHouseError if the reader may not run it.
        """
        roles = context.user.roles
        checked = self._guard.check(text, connection, self._settings_of(roles))
        statement = checked.statement
        check_reader_format(statement.format or context.request.default_format)
        if statement.start == "USE":
            check_reader_database(statement.tokens[-1].name)
        statement = show_as_select(self._show_grants(statement, roles))
        if not is_only_read(statement, "processes"):
            raise access_denied("Not enough privileges to use system.processes other than after FROM or JOIN")
        own = replace_system_table(statement, "processes", process_list(context.user.name))
        if own is not statement:
            connection.set_roles((*roles, PROCESSES_ROLE))
        own = replace_system_table(own, "settings", self._settings_of(roles).table)
        own = with_user_name(own, context.user.name)
        connection.set({**checked.settings, "readonly": "1"})
        return replace(checked, statement=own)

    def _show_grants(self, statement: Statement, roles: tuple[str, ...]) -> Statement:
        """SHOW GRANTS as a SELECT of the reader's own; the engine would show those of all users."""
        if statement.start != "SHOW" or statement.tokens[1].keyword != "GRANTS":
            return statement
        grants = [
            f"{grant} TO {context_role}"
            for context_role in roles
            for grant in self._access.roles[context_role].granted_tables
        ]
        rows = ", ".join(map(quote, grants))
        return parse(statement.with_start(f"SELECT arrayJoin([{rows}]::Array(String)) AS GRANTS", 2))

    @staticmethod
    def remember(state: ReaderState, checked: ReaderStatement) -> None:
        """Keep what a SET or USE that succeeded has chosen, for the session's next queries."""
        if checked.statement.start == "SET":
            state.settings.update(checked.settings)
        elif checked.statement.start == "USE":
            state.database = checked.statement.tokens[-1].name
