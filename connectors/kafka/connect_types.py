"""What Kafka Connect answers, as types."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Config = dict[str, str]

FAILED = "FAILED"


@dataclass(frozen=True)
class TaskStatus:
    """One task: RUNNING, PAUSED, FAILED, UNASSIGNED, RESTARTING or DESTROYED, and the trace of a failure."""

    task: int
    state: str
    worker: str
    trace: str = field(default="", repr=False)

    @classmethod
    def read(cls, item: Mapping[str, Any]) -> TaskStatus:
        """From Connect's JSON."""
        return cls(int(item["id"]), item["state"], item["worker_id"], item.get("trace") or "")


@dataclass(frozen=True)
class ConnectorStatus:
    """A connector and its tasks."""

    name: str
    kind: str
    """`source` or `sink`."""
    state: str
    worker: str
    tasks: tuple[TaskStatus, ...]
    trace: str = field(default="", repr=False)

    @classmethod
    def read(cls, item: Mapping[str, Any]) -> ConnectorStatus:
        """From Connect's JSON."""
        own = item["connector"]
        tasks = tuple(TaskStatus.read(task) for task in item["tasks"])
        return cls(item["name"], item["type"], own["state"], own["worker_id"], tasks, own.get("trace") or "")

    def is_all(self, state: str) -> bool:
        """Whether connector and tasks are in this state; RUNNING needs a task."""
        has_tasks = bool(self.tasks) or state != "RUNNING"
        return self.state == state and has_tasks and all(task.state == state for task in self.tasks)

    @property
    def failure(self) -> str | None:
        """The cause in one line if the connector or a task has failed."""
        if self.state == FAILED:
            return cause(self.trace)
        for task in self.tasks:
            if task.state == FAILED:
                return f"task {task.task}: {cause(task.trace)}"
        return None

    @property
    def summary(self) -> str:
        """`RUNNING (tasks: RUNNING, FAILED)`."""
        return f"{self.state} (tasks: {', '.join(task.state for task in self.tasks) or 'none'})"


@dataclass(frozen=True)
class ConnectorInfo:
    """A connector's configuration and the numbers of its tasks."""

    name: str
    kind: str
    config: Config
    tasks: tuple[int, ...]

    @classmethod
    def read(cls, item: Mapping[str, Any]) -> ConnectorInfo:
        """From Connect's JSON."""
        tasks = tuple(int(task["task"]) for task in item["tasks"])
        return cls(item["name"], item["type"], dict(item["config"]), tasks)


@dataclass(frozen=True)
class TaskInfo:
    """One task's configuration."""

    task: int
    config: Config

    @classmethod
    def read(cls, item: Mapping[str, Any]) -> TaskInfo:
        """From Connect's JSON."""
        return cls(int(item["id"]["task"]), dict(item["config"]))


@dataclass(frozen=True)
class Offset:
    """How far a connector has come in one partition; an offset of None resets it."""

    partition: dict[str, Any]
    offset: dict[str, Any] | None

    @classmethod
    def read(cls, item: Mapping[str, Any]) -> Offset:
        """From Connect's JSON."""
        return cls(dict(item["partition"]), item["offset"])


@dataclass(frozen=True)
class Plugin:
    """An installed plugin."""

    class_name: str
    kind: str
    version: str | None

    @classmethod
    def read(cls, item: Mapping[str, Any]) -> Plugin:
        """From Connect's JSON."""
        return cls(item["class"], item["type"], item.get("version"))


@dataclass(frozen=True)
class PropertyReport:
    """What Connect says about one property of a configuration."""

    name: str
    value: str | None
    errors: tuple[str, ...]
    recommended: tuple[str, ...]

    @classmethod
    def read(cls, item: Mapping[str, Any]) -> PropertyReport:
        """From Connect's JSON."""
        value = item["value"]
        recommended = tuple(str(option) for option in value.get("recommended_values") or ())
        return cls(value["name"], value.get("value"), tuple(value["errors"]), recommended)


def cause(trace: str) -> str:
    """The innermost cause of a Java stack trace, in one line: `ConnectException: what happened`."""
    lines = [line.strip() for line in trace.splitlines() if line.strip()]
    heads = [line.removeprefix("Caused by: ") for line in lines if line.startswith("Caused by: ")]
    head = heads[-1] if heads else (lines[0] if lines else "no reason given")
    name, separator, message = head.partition(": ")
    return f"{name.rpartition('.')[2]}{separator}{message}"[:1000]
