"""One query from its request to its response."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from clickhouse_server.access import Level
from clickhouse_server.blocking_calls import BlockingCalls, wait_for_client
from clickhouse_server.connections import Connections, QueryContext
from clickhouse_server.current_user import with_user_name
from clickhouse_server.engine import Connection, Engine
from clickhouse_server.errors import ClickHouseError, access_denied
from clickhouse_server.execution import NATIVE, Counts, Result, read_chunk, select
from clickhouse_server.form import ExternalTable
from clickhouse_server.inserts import Insert, insert_whole
from clickhouse_server.native import NativeResult, read_time_zones
from clickhouse_server.query_text import read_statement
from clickhouse_server.reader import Readers
from clickhouse_server.reader_guard import canonical
from clickhouse_server.request import Body, Receive, Request
from clickhouse_server.response import Response
from clickhouse_server.running import RunningQueries
from clickhouse_server.sessions import ReaderState
from clickhouse_server.statement import BLOCK_FORMATS, Statement, StatementKind, parse
from clickhouse_server.system_tables import (
    kill_as_select,
    process_list,
    replace_system_table,
    show_as_select,
)
from clickhouse_server.users import User
from clickhouse_server.writer_guard import check_writer

T = TypeVar("T")


@dataclass(frozen=True)
class Started:
    """A running statement: its output format (None: it has no rows) and the first chunk of its result.

    `early`: its rows are sent as they come.
    """

    output: str | None
    result: Result
    chunk: bytes
    ended: bool
    early: bool


class QueryService:
    """Serves queries on one engine."""

    def __init__(
        self,
        engine: Engine,
        connections: Connections,
        readers: Readers,
        queries: RunningQueries,
        client_seconds: float,
    ) -> None:
        """`client_seconds`: how long a client may neither send nor receive anything."""
        self._engine = engine
        self._connections = connections
        self._readers = readers
        self._queries = queries
        self._client_seconds = client_seconds

    async def serve(
        self,
        request: Request,
        user: User,
        body: Body,
        tables: list[ExternalTable],
        receive: Receive,
        response: Response,
    ) -> None:
        """Run the request's query and answer; raises ClickHouseError and ClientDisconnectedError."""
        statement, data = await read_statement(request, body)
        if request.may_only_read and not user.is_reader and not statement.is_read:
            raise ClickHouseError(
                164,
                "READONLY",
                "Cannot execute query in readonly mode: GET and `readonly` allow no changes; use POST",
            )
        async with self._queries.registered(request.query_id, user.name) as running:
            calls = BlockingCalls(on_cancel=partial(self._queries.cancel, running.query_id))
            context = QueryContext(request, user, running, calls, receive, tables)
            if request.flag("wait_end_of_query"):
                response.spool_into(self._engine.pipes_folder)
            output: str | None
            if statement.kind is StatementKind.KILL_QUERY:
                output, counts = await self._kill(context, statement, response)
            else:
                async with self._queries.slot(running):
                    output, counts = await self._run(context, statement, data, body, response)
        await response.finish(output, counts)

    async def _run(
        self, context: QueryContext, statement: Statement, data: bytes, body: Body, response: Response
    ) -> tuple[str | None, Counts]:
        if context.user.is_reader:
            if statement.kind is StatementKind.INSERT_DATA:
                raise access_denied("Not enough privileges: a reader cannot run INSERT")
            return await self._select_as_reader(context, statement, response)
        if statement.kind is StatementKind.INSERT_DATA:
            return None, await self._insert(context, statement, data, body)
        async with self._connections.acquire(context, statement) as connection:
            start = partial(self._start, context, statement, connection)
            return await self._stream(context, start, response)

    async def _select_as_reader(
        self, context: QueryContext, statement: Statement, response: Response
    ) -> tuple[str | None, Counts]:
        async with (
            self._readers.session(context) as state,
            self._readers.connection(context, state) as connection,
        ):
            checked = await context.calls(self._readers.admit, context, connection, statement.text)
            start = partial(self._open, context, checked.statement, connection)
            answer = await self._stream(context, start, response)
            self._readers.remember(state, checked)
            return answer

    def _start(self, context: QueryContext, statement: Statement, connection: Connection) -> Started:
        if context.user.level is Level.WRITER:
            check_writer(statement)
        statement = replace_system_table(show_as_select(statement), "processes", process_list())
        statement = with_user_name(statement, context.user.name)
        return self._open(context, statement, connection)

    def _open(self, context: QueryContext, statement: Statement, connection: Connection) -> Started:
        """Start the statement and read its first chunk, so that a short query is one blocking call."""
        request = context.request
        output = statement.format or request.default_format
        result = self._result(request, statement, connection, output)
        early = request.wants_early_rows and output.lower() in BLOCK_FORMATS
        try:
            chunk, ended = read_chunk(result, early=early)
        except ClickHouseError:
            result.close()
            raise
        return Started(output if chunk or statement.has_result else None, result, chunk, ended, early)

    def _result(self, request: Request, statement: Statement, connection: Connection, output: str) -> Result:
        params, version = request.query_params, request.protocol_version
        is_select = statement.kind is StatementKind.SELECT
        is_versioned = version > 0 and output.lower() == NATIVE and statement.has_result
        time_zones = read_time_zones(connection, statement, params) if is_versioned and is_select else {}
        folder = self._engine.pipes_folder
        result = select(connection, statement, output, params, folder, extremes=request.flag("extremes"))
        if is_versioned:
            return NativeResult(result, version, time_zones, one_block_a_read=is_select)
        return result

    async def _stream(
        self, context: QueryContext, start: Callable[[], Started], response: Response
    ) -> tuple[str | None, Counts]:
        """Send a result to the client as it comes."""
        async with self._cancel_at_disconnect(context):
            started = await context.calls(start)
            result, chunk, ended = started.result, started.chunk, started.ended
            write = partial(response.write, output=started.output, counts=result.counts)
            try:
                await self._client(context, write(chunk, at_once=started.early and not ended))
                while not ended:
                    chunk, ended = await context.calls(read_chunk, result, early=started.early)
                    await self._client(context, write(chunk, at_once=started.early and not ended))
            finally:
                if not ended:
                    self._queries.cancel(context.running.query_id)
                    await context.calls(result.close)
            return started.output, result.counts

    async def _client(self, context: QueryContext, step: Awaitable[T]) -> T:
        return await wait_for_client(context.running, step, self._client_seconds)

    @asynccontextmanager
    async def _cancel_at_disconnect(self, context: QueryContext) -> AsyncIterator[None]:
        async def watch() -> None:
            while (await context.receive())["type"] != "http.disconnect":
                continue
            self._queries.cancel(context.running.query_id)

        watcher = asyncio.ensure_future(watch())
        try:
            yield
        finally:
            watcher.cancel()

    async def _insert(self, context: QueryContext, statement: Statement, data: bytes, body: Body) -> Counts:
        if context.user.level is Level.WRITER:
            check_writer(statement)
        params, folder = context.request.query_params, self._engine.pipes_folder
        async with self._connections.acquire(context, statement) as connection:
            if body.is_complete:
                return await context.calls(insert_whole, connection, statement, params, data, folder)
            insert = Insert(connection, folder, partial(self._engine.kill, context.running.tag))
            try:
                await context.calls(insert.begin, statement, params)
                while data:
                    await context.calls(insert.write, data)
                    data = await self._client(context, body.read())
                await context.calls(insert.finish)
            finally:
                await context.calls(insert.close)
            return insert.counts

    async def _kill(
        self, context: QueryContext, statement: Statement, response: Response
    ) -> tuple[str, Counts]:
        """KILL QUERY needs no slot: it must work when all are taken. A reader stops its own queries only."""
        output = statement.format or context.request.default_format
        if context.user.is_reader:
            async with self._readers.connection(context, ReaderState()) as connection:
                shown, query_ids = await context.calls(self._find_own, context, statement, connection, output)
        else:
            async with self._connections.acquire(context, statement) as connection:
                shown, query_ids = await context.calls(self._find, context, statement, connection, output)
        for query_id in query_ids:
            self._queries.cancel(query_id, of_user=context.user.name if context.user.is_reader else None)
        await response.write(shown, output, Counts())
        return output, Counts()

    def _find(
        self, context: QueryContext, statement: Statement, connection: Connection, output: str
    ) -> tuple[bytes, list[str]]:
        """The answer to KILL QUERY, and the ids of the queries to cancel."""
        if context.user.level is Level.WRITER:
            check_writer(statement)
        listing, is_test = kill_as_select(statement, context.request.query_id)
        listing = replace_system_table(listing, "processes", process_list())
        return self._list(context, listing, connection, output, is_test=is_test)

    def _find_own(
        self, context: QueryContext, statement: Statement, connection: Connection, output: str
    ) -> tuple[bytes, list[str]]:
        plain = parse(canonical(connection, statement.text))
        listing, is_test = kill_as_select(plain, context.request.query_id)
        listing = self._readers.admit(context, connection, listing.text).statement
        return self._list(context, listing, connection, output, is_test=is_test)

    @staticmethod
    def _list(
        context: QueryContext, listing: Statement, connection: Connection, output: str, *, is_test: bool
    ) -> tuple[bytes, list[str]]:
        params = context.request.query_params
        shown: bytes = connection.run(listing.text, output, params).bytes()
        ids = f"SELECT query_id FROM ({listing.text[: listing.body_end]})"  # noqa: S608
        return shown, [] if is_test else [row[0] for row in connection.rows(ids, params)]
