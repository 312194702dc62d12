"""Which engine connection a statement runs on: a session's, an idle one or a new one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from clickhouse_server.access import Access
from clickhouse_server.blocking_calls import BlockingCalls
from clickhouse_server.engine import QUERY_TAG_SETTING, Connection, Engine
from clickhouse_server.errors import ClickHouseError
from clickhouse_server.form import ExternalTable
from clickhouse_server.pool import ConnectionKey, IdleConnections
from clickhouse_server.request import Receive, Request
from clickhouse_server.running import RunningQuery
from clickhouse_server.sessions import ConnectionState, QueryOverrides, Session, Sessions
from clickhouse_server.statement import Statement, StatementKind
from clickhouse_server.users import User


@dataclass
class QueryContext:
    """What is known of a query while it is served."""

    request: Request
    user: User
    running: RunningQuery
    calls: BlockingCalls
    receive: Receive
    tables: list[ExternalTable] = field(default_factory=list)


class Connections:
    """Connections for admins and writers. Readers' are always new: `reader.py` makes them."""

    def __init__(self, engine: Engine, access: Access) -> None:
        self._engine = engine
        self._access = access
        self._sessions: Sessions[ConnectionState] = Sessions()
        self._idle = IdleConnections()

    def close_all(self) -> None:
        """Close every connection; none may be in use any more."""
        self._sessions.close_all()
        self._idle.close_all()

    @asynccontextmanager
    async def acquire(self, context: QueryContext, statement: Statement) -> AsyncIterator[Connection]:
        """A connection with the user's roles and the query's database, settings and external tables."""
        session_id = context.request.params.get("session_id")
        if session_id:
            async with self._session(context, session_id) as session:
                await context.calls(self._prepare_session, context, session.state, statement)
                async with _external_tables(context, session.state.connection):
                    yield session.state.connection
            return
        key = self._key(context, statement)
        idle = self._idle.take(key) if key is not None else None
        if idle is None:
            connection = await context.calls(self._connect, context)
        else:
            connection = idle
            connection.set_before_next({QUERY_TAG_SETTING: context.running.tag})
        unused: Connection | None = connection
        try:
            yield connection
            if key is not None:
                unused = self._idle.put(key, connection)
        finally:
            if unused is not None:
                await context.calls(unused.close)

    def _key(self, context: QueryContext, statement: Statement) -> ConnectionKey | None:
        """The key of a connection that the statement leaves unchanged; None if it may change it."""
        if statement.kind not in {StatementKind.SELECT, StatementKind.INSERT_DATA} or context.tables:
            return None
        if "readonly" in context.request.settings:
            return None  # nothing could be set on it any more
        settings = frozenset(context.request.settings.items())
        return ConnectionKey(context.user.roles, context.request.database, settings)

    def _connect(self, context: QueryContext) -> Connection:
        connection = self._engine.connect()
        try:
            self._set(connection, context, context.request.settings)
            for table in context.tables:
                table.create(connection)
            connection.set_roles(context.user.roles)
            if database := context.request.database:
                connection.use(database)
        except ClickHouseError:
            connection.close()
            raise
        return connection

    def _set(self, connection: Connection, context: QueryContext, settings: dict[str, str]) -> None:
        role_settings = self._access.settings_of(context.user.roles)
        connection.set({**role_settings, **settings, QUERY_TAG_SETTING: context.running.tag})

    @asynccontextmanager
    async def _session(
        self, context: QueryContext, session_id: str
    ) -> AsyncIterator[Session[ConnectionState]]:
        request, user = context.request, context.user

        def create() -> ConnectionState:
            connection = self._engine.connect()
            connection.set_roles(user.roles)
            return ConnectionState(connection)

        session = self._sessions.take(
            (user.name, user.roles, session_id),
            request.session_seconds,
            must_exist=request.flag("session_check"),
            create=create,
        )
        try:
            yield session
        finally:
            await context.calls.wait_for_last()
            self._sessions.give_back(session, close=request.flag("close_session"))

    def _prepare_session(self, context: QueryContext, state: ConnectionState, statement: Statement) -> None:
        """Give the session's connection the query's database and settings, unless it has them already.

        None for a statement that changes the session's own; and not `readonly`, which cannot be taken back
        on a connection: `QueryService` has checked the statement by it.
        """
        database, settings = context.request.database, context.request.settings
        if context.request.may_only_read:
            settings.pop("readonly", None)
        if statement.start in {"SET", "USE"}:
            state.remove_overrides()
        elif state.overrides is None or not state.overrides.equal(database, settings):
            state.remove_overrides()
            state.overrides = QueryOverrides(state.connection, database, settings)
            try:
                if database:
                    state.connection.use(database)
                self._set(state.connection, context, settings)
            except ClickHouseError:
                state.remove_overrides()
                raise
        state.connection.set_before_next({QUERY_TAG_SETTING: context.running.tag})


@asynccontextmanager
async def _external_tables(context: QueryContext, connection: Connection) -> AsyncIterator[None]:
    """The query's external tables, which its session must not keep."""
    try:
        for table in context.tables:
            await context.calls(table.create, connection)
        yield
    finally:
        for table in context.tables:
            await context.calls(table.drop, connection)
