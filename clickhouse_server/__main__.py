"""Start the server: `python -m clickhouse_server --data DIR --users FILE [--access FILE] [--port N]`."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import fcntl
import logging
import os
import signal
import socket
import sys
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO

import uvicorn
import uvloop

from clickhouse_server.access import Access, AccessFileError, load_access
from clickhouse_server.app import App
from clickhouse_server.connections import Connections
from clickhouse_server.engine import Engine
from clickhouse_server.http_protocol import NoUpgradeProtocol
from clickhouse_server.options import Options
from clickhouse_server.query import QueryService
from clickhouse_server.reader import Readers
from clickhouse_server.running import RunningQueries
from clickhouse_server.users import Users, UsersFileError, load_users

logger = logging.getLogger("clickhouse_server")

AFTER_CANCELLING_SECONDS = 10


class Server(uvicorn.Server):
    """Stops on SIGTERM and SIGINT, and leaves the process to end by itself after its clean-up."""

    def __init__(
        self, config: uvicorn.Config, cancel_queries: Callable[[], Awaitable[None]], grace: float
    ) -> None:
        super().__init__(config)
        self._cancel_queries = cancel_queries
        self._grace = grace
        self._stopping: asyncio.Task[None] | None = None

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Called by uvicorn around serving."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop)
        yield

    def _stop(self) -> None:
        self.should_exit = True
        self._stopping = self._stopping or asyncio.ensure_future(self._cancel_late_queries())

    async def _cancel_late_queries(self) -> None:
        await asyncio.sleep(self._grace)
        await self._cancel_queries()


class StartError(RuntimeError):
    """The server cannot start; the message is one line that says why and what to do."""


def read_options(arguments: list[str]) -> Options:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m clickhouse_server", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the data; made if missing")
    parser.add_argument("--users", type=Path, required=True, help="JSON file of users, mode 0600")
    parser.add_argument("--access", type=Path, help="JSON file of roles and session settings")
    parser.add_argument("--host", default=Options.host)
    parser.add_argument("--port", type=int, default=Options.port)
    parser.add_argument(
        "--max-queries", type=int, default=Options.max_queries, help="queries that run at once"
    )
    parser.add_argument(
        "--max-queued", type=int, default=Options.max_queued, help="queries that wait for a slot"
    )
    parser.add_argument(
        "--queue-seconds", type=float, default=Options.queue_seconds, help="how long a query waits for a slot"
    )
    parser.add_argument(
        "--client-seconds",
        type=float,
        default=Options.client_seconds,
        help="how long a client may neither send nor receive anything",
    )
    parser.add_argument(
        "--stop-seconds",
        type=float,
        default=Options.stop_seconds,
        help="how long a stop waits for running queries",
    )
    given = vars(parser.parse_args(arguments))
    given["data"] = given["data"].resolve()
    return Options(**given)


def require_plain_name(data: Path) -> None:
    """Raise StartError for a folder's name that the engine, which reads files in it, takes for a pattern."""
    if set("*?{}") & set(str(data)):
        raise StartError(f"data folder {data} has one of *?{{}} in its name; give another --data")


def lock_folder(data: Path) -> IO[str]:
    """Hold the data folder until this process ends; raises StartError where another one does."""
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    lock = (data / "server.lock").open("a+")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        lock.seek(0)
        holder = lock.read().strip() or "unknown"
        raise StartError(
            f"data folder {data} is in use by process {holder}; stop it or give another --data"
        ) from error
    lock.truncate(0)
    lock.write(str(os.getpid()))
    lock.flush()
    return lock


def listen(host: str, port: int) -> socket.socket:
    """A socket bound to the address; raises StartError where the port is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
        bound.listen(512)
    except OSError as error:
        bound.close()
        raise StartError(f"cannot listen on {host}:{port}: {error.strerror}; give another --port") from error
    return bound


async def serve(options: Options, access: Access, users: Users, bound: socket.socket, engine: Engine) -> None:
    """Serve until SIGTERM or SIGINT; then finish what runs, or cancel it after `stop_seconds`."""
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(options.max_queries * 2 + 16))
    queries = RunningQueries(options, engine.kill)
    connections, readers = Connections(engine, access), Readers(engine, access)
    service = QueryService(engine, connections, readers, queries, options.client_seconds)
    app = App(engine, users, service)
    config = uvicorn.Config(
        app,
        loop="uvloop",
        http=NoUpgradeProtocol,
        ws="none",
        lifespan="off",
        log_level="warning",
        access_log=False,
        timeout_keep_alive=65,
        timeout_graceful_shutdown=int(options.stop_seconds) + AFTER_CANCELLING_SECONDS,
        server_header=False,
        date_header=False,
    )
    server = Server(config, queries.cancel_all, options.stop_seconds)
    logger.info("serving %s on http://%s:%d/", options.data, options.host, bound.getsockname()[1])
    await server.serve(sockets=[bound])
    await queries.cancel_all()
    connections.close_all()


def main(arguments: list[str]) -> int:
    """Run the server; the process's exit code."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    options = read_options(arguments)
    try:
        require_plain_name(options.data)
        access = load_access(options.access)
        users = load_users(options.users, access)
        lock = lock_folder(options.data)
        bound = listen(options.host, options.port)
    except (StartError, AccessFileError, UsersFileError) as error:
        sys.stderr.write(f"clickhouse_server: {error}\n")
        return 1
    engine = Engine(options, access)
    try:
        uvloop.run(serve(options, access, users, bound, engine))
    finally:
        engine.close()
        lock.close()
    logger.info("stopped")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
