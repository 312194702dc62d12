"""A client of Kafka Connect's REST API.

    connect = ConnectClient("http://127.0.0.1:8083")
    connect.put_config("orders", {"connector.class": "...", "tasks.max": "1"})
    connect.wait_until("orders", "RUNNING", seconds=60)

It knows nothing of the platform. Every error is a `ConnectError` that carries Connect's own message.

A request is repeated only where it cannot have been carried out (the connection was refused, or Connect
answered 409 because its workers rebalance), and, if repeating it has the same effect as sending it once, also
where no answer came. `retry_seconds` bounds that; 0 switches it off.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

import requests

from connectors.kafka.connect_errors import (
    ConnectError,
    ConnectorFailed,
    ConnectUnavailable,
    refusal,
    was_not_handled,
)
from connectors.kafka.connect_types import (
    Config,
    ConnectorInfo,
    ConnectorStatus,
    Offset,
    Plugin,
    PropertyReport,
    TaskInfo,
    TaskStatus,
)

_IDEMPOTENT = frozenset({"GET", "PUT", "DELETE"})
_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 0.1, 2.0
_STATE_POLL_SECONDS = 0.1


class ConnectClient:
    """One Connect cluster, reached through any of its workers; not to be shared between threads."""

    def __init__(
        self,
        url: str,
        *,
        auth: tuple[str, str] | None = None,
        verify: bool | str = True,
        certificate: str | tuple[str, str] | None = None,
        timeout_seconds: float = 30,
        retry_seconds: float = 30,
    ) -> None:
        """`auth`: user and password; `verify`: a file of certificate authorities, False to trust anyone;
        `certificate`: the client's own certificate (and key)."""
        self.url = url.rstrip("/")
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.auth = auth
        self._session.verify = verify
        self._session.cert = certificate
        self._timeout = timeout_seconds
        self._retry_seconds = retry_seconds

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    # The cluster

    def cluster(self) -> dict[str, str]:
        """Version, commit and `kafka_cluster_id` of the worker that answers."""
        answer: dict[str, str] = self._call("GET", "/")
        return answer

    def plugins(self, connectors_only: bool = True) -> list[Plugin]:
        """The installed plugins: connectors, or also converters, transforms and predicates."""
        query = {"connectorsOnly": _flag(connectors_only)}
        return [Plugin.read(item) for item in self._call("GET", "/connector-plugins", query=query)]

    def loggers(self) -> dict[str, str]:
        """The log level of every logger of the worker that answers."""
        return {name: str(item["level"]) for name, item in self._call("GET", "/admin/loggers").items()}

    def set_log_level(self, logger: str, level: str) -> None:
        """Set a logger's level (and those below it) on every worker."""
        path = f"/admin/loggers/{quote(logger, safe='')}"
        self._call("PUT", path, body={"level": level}, query={"scope": "cluster"})

    # Connectors

    def connectors(self) -> list[str]:
        """The names of all connectors."""
        return sorted(self._call("GET", "/connectors"))

    def statuses(self) -> dict[str, ConnectorStatus]:
        """The status of every connector, in one request."""
        answer = self._call("GET", "/connectors", query={"expand": "status"})
        return {name: ConnectorStatus.read(item["status"]) for name, item in sorted(answer.items())}

    def info(self, name: str) -> ConnectorInfo:
        """A connector's configuration, type and tasks."""
        return ConnectorInfo.read(self._call("GET", _path(name)))

    def config(self, name: str) -> Config:
        """A connector's configuration, placeholders of config providers as they were given."""
        answer: Config = self._call("GET", _path(name, "config"))
        return answer

    def create(self, name: str, config: Mapping[str, str], initial_state: str = "RUNNING") -> ConnectorInfo:
        """Create a connector that does not exist; `initial_state` may be RUNNING, PAUSED or STOPPED."""
        _path(name)  # a name that no path can hold could be created, and never be deleted
        body = {"name": name, "config": dict(config), "initial_state": initial_state}
        return ConnectorInfo.read(self._call("POST", "/connectors", body=body))

    def put_config(self, name: str, config: Mapping[str, str]) -> ConnectorInfo:
        """Create the connector or replace its configuration."""
        return ConnectorInfo.read(self._call("PUT", _path(name, "config"), body=dict(config)))

    def patch_config(self, name: str, changes: Mapping[str, str | None]) -> ConnectorInfo:
        """Change single properties; None removes one."""
        return ConnectorInfo.read(self._call("PATCH", _path(name, "config"), body=dict(changes)))

    def delete(self, name: str) -> None:
        """Delete a connector; its offsets stay."""
        self._call("DELETE", _path(name))

    def validate(self, config: Mapping[str, str]) -> list[PropertyReport]:
        """What Connect says about each property of a configuration, without applying it."""
        plugin = quote(config["connector.class"].rpartition(".")[2], safe="")
        answer = self._call("PUT", f"/connector-plugins/{plugin}/config/validate", body=dict(config))
        return [PropertyReport.read(item) for item in answer["configs"]]

    def status(self, name: str) -> ConnectorStatus:
        """The state of a connector and its tasks."""
        return ConnectorStatus.read(self._call("GET", _path(name, "status")))

    def tasks(self, name: str) -> list[TaskInfo]:
        """The tasks of a connector with their configurations."""
        return [TaskInfo.read(item) for item in self._call("GET", _path(name, "tasks"))]

    def task_status(self, name: str, task: int) -> TaskStatus:
        """The state of one task."""
        return TaskStatus.read(self._call("GET", _path(name, f"tasks/{task}/status")))

    def restart(self, name: str, *, include_tasks: bool = True, only_failed: bool = False) -> None:
        """Restart the connector, its tasks too, or only what has failed."""
        query = {"includeTasks": _flag(include_tasks), "onlyFailed": _flag(only_failed)}
        self._call("POST", _path(name, "restart"), query=query)

    def restart_task(self, name: str, task: int) -> None:
        """Restart one task."""
        self._call("POST", _path(name, f"tasks/{task}/restart"))

    def pause(self, name: str) -> None:
        """Suspend the tasks; they keep what they hold open."""
        self._call("PUT", _path(name, "pause"))

    def resume(self, name: str) -> None:
        """Let a paused or stopped connector run."""
        self._call("PUT", _path(name, "resume"))

    def stop(self, name: str) -> None:
        """Shut the tasks down; needed before its offsets can be changed."""
        self._call("PUT", _path(name, "stop"))

    # Offsets and topics

    def offsets(self, name: str) -> list[Offset]:
        """How far a connector has come: source positions, or a sink's topics and partitions."""
        return [Offset.read(item) for item in self._call("GET", _path(name, "offsets"))["offsets"]]

    def alter_offsets(self, name: str, offsets: list[Offset]) -> str:
        """Set offsets of a stopped connector; what Connect says about it."""
        body = {"offsets": [{"partition": item.partition, "offset": item.offset} for item in offsets]}
        return str(self._call("PATCH", _path(name, "offsets"), body=body)["message"])

    def reset_offsets(self, name: str) -> str:
        """Forget all offsets of a stopped connector; what Connect says about it."""
        return str(self._call("DELETE", _path(name, "offsets"))["message"])

    def topics(self, name: str) -> list[str]:
        """The topics that the connector has used since they were last reset."""
        return sorted(self._call("GET", _path(name, "topics"))[name]["topics"])

    def reset_topics(self, name: str) -> None:
        """Forget which topics the connector has used."""
        self._call("PUT", _path(name, "topics/reset"))

    # Waiting

    def wait_until(self, name: str, state: str, seconds: float) -> ConnectorStatus:
        """Wait until a connector and all its tasks are in a state; ConnectorFailed if one fails instead.

        RUNNING needs a task at least; a STOPPED connector has none.
        """
        deadline = time.monotonic() + seconds
        while True:
            status = self._status_if_known(name)
            if status is not None and status.is_all(state):
                return status
            if status is not None and state != "STOPPED" and (failure := status.failure):
                raise ConnectorFailed(f"connector {name} failed: {failure}")
            if time.monotonic() > deadline:
                shown = status.summary if status else "not known to Connect"
                raise ConnectorFailed(f"connector {name} is not {state} after {seconds:.0f} s: it is {shown}")
            time.sleep(_STATE_POLL_SECONDS)

    def _status_if_known(self, name: str) -> ConnectorStatus | None:
        """The status; None in the moment between creation and the first status."""
        try:
            return self.status(name)
        except ConnectError as error:
            if error.status == requests.codes.not_found:
                return None
            raise

    # Requests

    def _call(
        self, method: str, path: str, *, body: object = None, query: Mapping[str, str] | None = None
    ) -> Any:
        last: ConnectError | None = None
        for _ in _attempts(self._retry_seconds):
            try:
                return self._attempt(method, path, body, query)
            except ConnectError as error:
                if not _may_repeat(method, error):
                    raise
                last = error
        assert last is not None
        raise last

    def _attempt(self, method: str, path: str, body: object, query: Mapping[str, str] | None) -> Any:
        try:
            answer = self._session.request(
                method, self.url + path, json=body, params=query, timeout=self._timeout
            )
        except requests.exceptions.SSLError as error:
            raise ConnectError(f"{self.url}: the TLS connection failed: {error}") from error
        except requests.ConnectionError as error:
            # Whether the request was sent is known only where no connection was made.
            raise ConnectUnavailable(self.url, error, was_sent=not _was_refused(error)) from error
        except requests.Timeout as error:
            raise ConnectUnavailable(self.url, error, was_sent=True) from error
        except requests.RequestException as error:
            raise ConnectError(f"{self.url}: {error}") from error
        if answer.status_code >= requests.codes.bad_request:
            raise refusal(method, path, answer)
        return answer.json() if answer.content else None


def _attempts(seconds: float) -> Iterator[int]:
    """Attempts with growing pauses between them, the last one at the end of the time."""
    deadline = time.monotonic() + seconds
    pause, number = _FIRST_PAUSE_SECONDS, 0
    while True:
        yield number
        left = deadline - time.monotonic()
        if left <= 0:
            return
        time.sleep(min(pause, left))
        pause, number = min(pause * 2, _LONGEST_PAUSE_SECONDS), number + 1


def _may_repeat(method: str, error: ConnectError) -> bool:
    if isinstance(error, ConnectUnavailable):
        return not error.was_sent or method in _IDEMPOTENT
    return was_not_handled(error) or (method in _IDEMPOTENT and error.is_overloaded)


def _was_refused(error: requests.ConnectionError) -> bool:
    return isinstance(error, requests.exceptions.ConnectTimeout) or any(
        words in str(error) for words in ("NewConnectionError", "Connection refused", "Failed to establish")
    )


def _flag(value: bool) -> str:
    return str(value).lower()


def _path(name: str, rest: str = "") -> str:
    if "/" in name:
        raise ConnectError(f"connector {name!r}: a name may not hold a slash, Connect cannot address it")
    path = f"/connectors/{quote(name, safe='')}"
    return f"{path}/{rest}" if rest else path
