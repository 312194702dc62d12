"""Health checks of the services; each raises Unhealthy with the reason."""

from __future__ import annotations

import base64
import json
import os
import socket
import time
import urllib.error
import urllib.request
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import psutil

from tradewind.serving.alerts import LAST_ROUND
from tradewind.settings import Endpoint
from tradewind.stack.service import Refused, Unhealthy

TIMEOUT_SECONDS = 3
SILENT_SECONDS = 60
LOCATIONS = """
{workspaceOrError{... on Workspace{locationEntries{
    locationOrLoadError{__typename ... on PythonError{message}}
}}}}
"""


def postgres(url: str) -> None:
    """The owner can log in and run a query."""
    import psycopg

    try:
        with psycopg.connect(url, connect_timeout=TIMEOUT_SECONDS) as connection:
            connection.execute("select 1")
    except psycopg.OperationalError as error:
        text = str(error).strip().splitlines()[-1]
        if "password authentication failed" in text:
            raise Refused(
                f"PostgreSQL refuses the password of {Endpoint(url).user} in stack.env; restore that file, "
                "or run `tradewind down` and `tradewind up`, which sets the passwords it holds"
            ) from error
        raise Unhealthy(text) from error


def warehouse(url: str) -> None:
    """The server responds, and runs a query for this user."""
    endpoint = Endpoint(url)
    _get(f"{endpoint.origin}/ping", {})
    login = base64.b64encode(f"{endpoint.user}:{endpoint.password}".encode()).decode()
    _get(f"{endpoint.origin}/?query=select%201", {"Authorization": f"Basic {login}"})


def api(url: str) -> None:
    """The HTTP API responds."""
    _get(f"{url}/health", {})


def alerts(folder: Path) -> None:
    """It has ended a round a short while ago."""
    ended = folder / LAST_ROUND
    if not ended.exists() or time.time() - ended.stat().st_mtime > SILENT_SECONDS:
        raise Unhealthy(
            "the rules have not been evaluated for a while" if ended.exists() else "not yet evaluated"
        )


def fraud_scoring(folder: Path) -> str | None:
    """Its status is recent; a note says what it scores by, and how far it is behind."""
    from tradewind.ml.fraud.scoring import read_status

    status = read_status(folder)
    if status is None or not psutil.pid_exists(status.pid):
        raise Unhealthy("it has not written its status yet")
    if status.error:
        raise Unhealthy(status.error)
    if status.state != "loading" and time.time() - status.updated_at > SILENT_SECONDS:
        raise Unhealthy("it has not looked for orders for a while")
    if status.state != "scoring":
        return {"no champion": "no champion: `tradewind ml train fraud` makes one"}.get(status.state)
    return (
        f"{status.model_version}: {status.orders_scored} orders scored, "
        f"the last ones {status.seconds_behind:.1f} s behind"
    )


def dagster(url: str) -> None:
    """The web server responds."""
    _get(f"{url.rstrip('/')}/server_info", {})


def dagster_code(folder: Path, url: str) -> None:
    """Its socket accepts connections, and the web server has loaded the definitions from it."""
    _connect(folder, "code.sock")
    for location in _graphql(url, LOCATIONS, "workspaceOrError").get("locationEntries") or [{}]:
        loaded = location.get("locationOrLoadError") or {}
        if loaded.get("__typename") in (None, "PythonError"):
            raise Unhealthy(f"definitions not loaded: {loaded.get('message', 'not yet')}")


def dagster_daemon(url: str) -> None:
    """Schedules and sensors run, as the web server sees it."""
    query = "{instance{daemonHealth{allDaemonStatuses{daemonType required healthy}}}}"
    found = _graphql(url, query, "instance", "daemonHealth")["allDaemonStatuses"]
    silent = [daemon["daemonType"] for daemon in found if daemon["required"] and not daemon["healthy"]]
    if silent:
        raise Unhealthy(f"no heartbeat from {', '.join(silent).lower()}")


def capture(folder: Path, source_url: str) -> str | None:
    """Debezium takes the first snapshot or reads the log: its status is recent, and its slot is in use.

    Returns a note that names the tables which are not captured.
    """
    from connectors.embedded.status import read_status

    status = read_status(folder)
    if status is None:
        raise Unhealthy("the capture has not written its status yet")
    if not psutil.pid_exists(status.pid):
        raise Unhealthy(status.error or "the process has ended and is about to be restarted")
    if status.state == "streaming" and not _is_read(source_url):
        raise Unhealthy(
            "the replication slot is not in use: the capture has lost its connection to the source"
        )
    if not status.is_ready:
        raise Unhealthy(status.error or f"the capture is {status.state}")
    refused = [f"{table} is not captured: {reason}" for table, reason in sorted(status.refused.items())]
    return "; ".join(refused) or None


def _is_read(source_url: str) -> bool:
    """Whether a client reads a replication slot of this database right now."""
    import psycopg

    query = "select 1 from pg_replication_slots where active and database = current_database()"
    try:
        with psycopg.connect(source_url, connect_timeout=TIMEOUT_SECONDS) as connection:
            return connection.execute(query).fetchone() is not None
    except psycopg.OperationalError as error:
        raise Unhealthy(str(error).strip().splitlines()[-1]) from error


def mariadb(url: str) -> None:
    """The owner can log in and read."""
    from tradewind.source.mysql.connection import MysqlError, connect, rows

    try:
        with connect(url) as connection:
            rows(connection, "select 1")
    except MysqlError as error:
        raise Unhealthy(str(error)) from error


def kafka(broker: Endpoint) -> None:
    """The broker answers, and has taken up its work."""
    from connectors.kafka.cluster import Cluster
    from connectors.kafka.errors import KafkaError

    try:
        with socket.create_connection((broker.host, broker.port), TIMEOUT_SECONDS):
            Cluster(f"{broker.host}:{broker.port}", TIMEOUT_SECONDS).topics()
    except (OSError, KafkaError) as error:
        raise Unhealthy(str(error)) from error


def connect(url: str) -> None:
    """The worker answers, and no connector or task has failed."""
    from connectors.kafka.connect_client import ConnectClient
    from connectors.kafka.connect_errors import ConnectError

    try:
        statuses = ConnectClient(url, timeout_seconds=TIMEOUT_SECONDS, retry_seconds=0).statuses()
    except ConnectError as error:
        raise Unhealthy(str(error)) from error
    failures = [f"{name}: {status.failure}" for name, status in statuses.items() if status.failure]
    if failures:
        raise Unhealthy("; ".join(failures))


def landing(folder: Path) -> None:
    """It keeps the way into the warehouse open, and its status is recent."""
    from connectors.kafka.landing_status import read_status

    status = read_status(folder)
    if status is None:
        raise Unhealthy("no status yet")
    if not psutil.pid_exists(status.pid):
        raise Unhealthy(status.error or "the landing has ended and not been restarted yet")
    if not status.is_ready:
        raise Unhealthy(status.error or "its status is old")


def reputation(url: str) -> None:
    """The service responds."""
    _get(f"{url}/health", {})


def simulator(folder: Path) -> None:
    """It keeps up with its schedule, or waits for a shop to simulate in, and its status is recent."""
    from simulator.live.status import problem, read_status

    reason = problem(read_status(folder))
    if reason is not None:
        raise Unhealthy(reason)


def _connect(folder: Path, name: str) -> None:
    """Connect to a Unix socket by a short path: its own may exceed the limit of about 100 bytes."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
            probe.settimeout(TIMEOUT_SECONDS)
            probe.connect(f"/proc/self/fd/{descriptor}/{name}")
    except OSError as error:
        raise Unhealthy(f"its socket does not accept connections yet ({error.strerror})") from error
    finally:
        os.close(descriptor)


def _graphql(url: str, query: str, *path: str) -> dict[str, Any]:
    """The object at `path` in the response's data."""
    content = _get(f"{url.rstrip('/')}/graphql?{urlencode({'query': query})}", {})
    try:
        found = json.loads(content)["data"]
        for name in path:
            found = found[name]
    except (ValueError, TypeError, LookupError) as error:
        raise Unhealthy("Dagster's web server gives no valid response yet") from error
    if not isinstance(found, dict):
        raise Unhealthy("Dagster's web server has no answer yet")
    return found


def _get(url: str, headers: dict[str, str]) -> bytes:
    request = urllib.request.Request(url, headers=headers)  # noqa: S310 - our own http address
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=TIMEOUT_SECONDS) as response:
            content: bytes = response.read()
            return content
    except urllib.error.HTTPError as error:
        reason = (error.read().decode(errors="replace").strip().splitlines() or [""])[0][:200]
        if error.code in (401, 403):
            raise Refused(f"the password in stack.env is refused: {reason}") from error
        raise Unhealthy(f"HTTP {error.code}: {reason}") from error
    except (OSError, HTTPException) as error:
        raise Unhealthy(f"no response: {str(getattr(error, 'reason', error)).strip()}") from error
