"""One query from its request to its response."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from clickhouse_server.calls import Calls, client_step
from clickhouse_server.engine import MARK_SETTING, Connection, Engine
from clickhouse_server.errors import WarehouseError
from clickhouse_server.execution import Counts, Result, read_some, select
from clickhouse_server.guard import Guard, check_reader_format, reader_database, reader_settings
from clickhouse_server.insertion import Insert, insert_whole
from clickhouse_server.pool import IdleConnections, Setup
from clickhouse_server.processes import kill_as_select, with_client_ids
from clickhouse_server.request import Body, Receive, Request
from clickhouse_server.response import Response
from clickhouse_server.roles import BI_LIMITS
from clickhouse_server.running import Running, RunningQueries
from clickhouse_server.sessions import Overlay, Session, Sessions
from clickhouse_server.statement import Does, Statement, parse, parse_insert
from clickhouse_server.users import User

T = TypeVar("T")

HEAD_SIZE = 256 << 10
MAX_TEXT_SIZE = 16 << 20


@dataclass
class Job:
    """What is known of a query while it is served."""

    request: Request
    user: User
    running: Running
    calls: Calls
    receive: Receive


class QueryService:
    """Serves queries on one engine."""

    def __init__(
        self,
        engine: Engine,
        guard: Guard,
        sessions: Sessions,
        idle: IdleConnections,
        queries: RunningQueries,
        client_seconds: float,
    ) -> None:
        """`client_seconds`: how long a client may neither send nor take anything."""
        self._client_seconds = client_seconds
        self._engine = engine
        self._guard = guard
        self._sessions = sessions
        self._idle = idle
        self._queries = queries

    async def serve(self, request: Request, user: User, receive: Receive, response: Response) -> None:
        """Run the request's query and answer; raises WarehouseError and ClientGoneError."""
        body = Body(receive, request.body_decoder())
        statement, data = await read_statement(request, body)
        if request.may_only_read and not statement.is_read:
            raise WarehouseError(
                164,
                "READONLY",
                "Cannot execute query in readonly mode: GET and `readonly` allow no changes; use POST",
            )
        async with self._queries.registered(request.query_id, user.name) as running:
            calls = Calls(abandon=lambda: self._queries.cancel(running.query_id))
            job = Job(request, user, running, calls, receive)
            if statement.does is Does.KILL:
                output, counts = await self._kill(job, statement, response)
            else:
                async with self._queries.slot(running):
                    output, counts = await self._run(job, statement, data, body, response)
        await response.finish(output, counts)

    async def _run(
        self, job: Job, statement: Statement, data: bytes, body: Body, response: Response
    ) -> tuple[str, Counts]:
        if statement.does is Does.INSERT_DATA:
            return job.request.default_format, await self._insert(job, statement, data, body)
        return await self._select(job, statement, response)

    async def _insert(self, job: Job, statement: Statement, data: bytes, body: Body) -> Counts:
        kill = partial(self._engine.kill, job.running.mark)
        async with self._connection(job, statement) as connection:
            if body.is_complete:
                return await job.calls(self._insert_whole, job, statement, data, connection)
            insert = Insert(connection, self._engine.pipes_folder, kill)
            try:
                await job.calls(self._begin_insert, job, insert, statement, connection)
                while data:
                    await job.calls(insert.write, data)
                    data = await self._client(job, body.read())
                await job.calls(insert.finish)
            finally:
                await job.calls(insert.close)
            return insert.counts

    def _insert_whole(self, job: Job, statement: Statement, data: bytes, connection: Connection) -> Counts:
        admitted = self._guard.admit(job.user.role, statement, connection)
        return insert_whole(connection, admitted, job.request.query_params, data, self._engine.pipes_folder)

    def _begin_insert(self, job: Job, insert: Insert, statement: Statement, connection: Connection) -> None:
        admitted = self._guard.admit(job.user.role, statement, connection)
        insert.begin(admitted, job.request.query_params)

    async def _select(self, job: Job, statement: Statement, response: Response) -> tuple[str, Counts]:
        if job.request.flag("wait_end_of_query"):
            response.spool_into(self._engine.pipes_folder)
        async with self._connection(job, statement) as connection, self._stop_when_client_leaves(job):
            output, result, piece, ended = await job.calls(self._start, job, statement, connection)
            try:
                await self._client(job, response.write(piece, output, result.counts))
                while not ended:
                    piece, ended = await job.calls(read_some, result)
                    await self._client(job, response.write(piece, output, result.counts))
            finally:
                if not ended:
                    self._queries.cancel(job.running.query_id)
                    await job.calls(result.close)
            return output, result.counts

    def _start(
        self, job: Job, statement: Statement, connection: Connection
    ) -> tuple[str, Result, bytes, bool]:
        """Start the statement and read its first piece, so that a short query is one call."""
        if job.user.role != "bi":
            statement = with_client_ids(statement)
        statement = self._guard.admit(job.user.role, statement, connection)
        output = statement.format or job.request.default_format
        if job.user.role == "bi":
            check_reader_format(output)
        extremes = job.request.flag("extremes")
        params, folder = job.request.query_params, self._engine.pipes_folder
        result = select(connection, statement, output, params, folder, extremes=extremes)
        try:
            return output, result, *read_some(result)
        except WarehouseError:
            result.close()
            raise

    async def _client(self, job: Job, step: Awaitable[T]) -> T:
        return await client_step(job.running, step, self._client_seconds)

    async def _kill(self, job: Job, statement: Statement, response: Response) -> tuple[str, Counts]:
        """KILL QUERY needs no slot: it must work when all are taken."""
        if job.user.role == "bi":
            raise WarehouseError(497, "ACCESS_DENIED", "Not enough privileges to run KILL QUERY")
        listing, stops = kill_as_select(statement, job.request.query_id)
        output = listing.format or job.request.default_format
        async with self._connection(job, statement) as connection:
            listing = self._guard.admit(job.user.role, listing, connection)
            shown = await job.calls(connection.run, listing.text, output, job.request.query_params)
            ids = f"SELECT query_id FROM ({listing.text[: listing.body_end]})"  # noqa: S608
            found = await job.calls(connection.run, ids, "TSVRaw", job.request.query_params)
        for query_id in found.bytes().decode().splitlines() if stops else ():
            self._queries.cancel(query_id)
        await response.write(shown.bytes(), output, Counts())
        return output, Counts()

    @asynccontextmanager
    async def _connection(self, job: Job, statement: Statement) -> AsyncIterator[Connection]:
        """A connection with the user's rights and the query's settings: the session's, an idle or new one."""
        session_id = job.request.params.get("session_id")
        if session_id and job.user.role != "bi":
            async with self._session(job, session_id) as session:
                await job.calls(self._cover, job, session, statement)
                yield session.connection
            return
        setup = setup_of(job, statement)
        kept = self._idle.take(setup) if setup is not None else None
        if kept is None:
            connection = await job.calls(self._connect, job)
        else:
            connection = kept
            connection.set_later({MARK_SETTING: job.running.mark})
        done_with: Connection | None = connection
        try:
            yield connection
            if setup is not None:
                done_with = self._idle.keep(setup, connection)
        finally:
            if done_with is not None:
                await job.calls(done_with.close)

    @asynccontextmanager
    async def _session(self, job: Job, session_id: str) -> AsyncIterator[Session]:
        session = self._sessions.take(
            job.user.name,
            session_id,
            job.request.session_seconds,
            must_exist=job.request.flag("session_check"),
            connect=lambda: self._engine.connect(job.user.role),
        )
        try:
            yield session
        finally:
            await job.calls.settle()
            self._sessions.give_back(session, close=job.request.flag("close_session"))

    def _cover(self, job: Job, session: Session, statement: Statement) -> None:
        """Give the session's connection the query's database and settings, unless it has them still.

        But none to a statement that changes the session's own; and not `readonly`, which a connection does
        not let go of: `serve` has judged the statement by it.
        """
        database, settings = job.request.database, job.request.settings
        if job.request.may_only_read:
            settings.pop("readonly", None)
        if statement.start in {"SET", "USE"}:
            session.uncover()
        elif session.overlay is None or not session.overlay.is_of(database, settings):
            session.uncover()
            session.overlay = Overlay(session.connection, database, settings)
            try:
                self._configure(session.connection, job, settings)
            except WarehouseError:
                session.uncover()
                raise
        session.connection.set_later({MARK_SETTING: job.running.mark})

    def _connect(self, job: Job) -> Connection:
        connection = self._engine.connect(job.user.role)
        try:
            self._configure(connection, job, job.request.settings)
        except WarehouseError:
            connection.close()
            raise
        return connection

    def _configure(self, connection: Connection, job: Job, settings: dict[str, str]) -> None:
        if job.user.role == "bi":
            settings = BI_LIMITS | reader_settings(settings) | {"readonly": "1"}
        database = job.request.database
        if database:
            connection.use(reader_database(database) if job.user.role == "bi" else database)
        connection.set(settings | {MARK_SETTING: job.running.mark})

    @asynccontextmanager
    async def _stop_when_client_leaves(self, job: Job) -> AsyncIterator[None]:
        async def watch() -> None:
            while (await job.receive())["type"] != "http.disconnect":
                continue
            self._queries.cancel(job.running.query_id)

        watcher = asyncio.ensure_future(watch())
        try:
            yield
        finally:
            watcher.cancel()


def setup_of(job: Job, statement: Statement) -> Setup | None:
    """What a connection for the statement is like, if it leaves the connection as it found it; else None."""
    if job.user.role == "bi" or statement.does not in {Does.SELECT, Does.INSERT_DATA}:
        return None
    if "readonly" in job.request.settings:
        return None  # nothing could be set on it any more
    return Setup(job.user.role, job.request.database, frozenset(job.request.settings.items()))


async def read_statement(request: Request, body: Body) -> tuple[Statement, bytes]:
    """The statement, and the first piece of an INSERT's data; the rest of the data is still in `body`."""
    given = request.params.get("query", "")
    head = await body.read_up_to(HEAD_SIZE)
    text = bytearray(f"{given}\n".encode() + head if given else head)
    decoded = text.decode("utf-8", "surrogateescape")
    insert = parse_insert(decoded)
    if insert is not None:
        statement, start = insert
        _utf8(statement.text.encode("utf-8", "surrogateescape"))
        return statement, decoded[start:].encode("utf-8", "surrogateescape")
    while piece := await body.read():
        text += piece
        if len(text) > MAX_TEXT_SIZE:
            raise WarehouseError(223, "QUERY_IS_TOO_LARGE", f"Query is longer than {MAX_TEXT_SIZE} bytes")
    decoded = _utf8(text).strip()
    if not decoded:
        raise WarehouseError(62, "SYNTAX_ERROR", "Syntax error: empty query")
    return parse(decoded), b""


def _utf8(text: bytes | bytearray) -> str:
    try:
        return text.decode()
    except UnicodeDecodeError as error:
        raise WarehouseError(
            62, "SYNTAX_ERROR", f"Syntax error: the query is not UTF-8 at byte {error.start}"
        ) from error
