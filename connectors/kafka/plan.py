"""What differs between the declared connectors and topics and those of a cluster, and making it so."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from connectors.definitions.definition import Properties
from connectors.kafka import first_snapshot
from connectors.kafka.cluster import Cluster
from connectors.kafka.connect_client import ConnectClient
from connectors.kafka.connect_errors import ConnectError
from connectors.kafka.topics import Difference, Topic, compare

RUNNING_SECONDS = 90.0
_SECRET = re.compile(r"password|secret|token|credential|sasl\.jaas|\.key$", re.IGNORECASE)
_PLACEHOLDER = re.compile(r"\$\{\w+:[^}]*\}")

Report = Callable[[str], None]


@dataclass(frozen=True)
class Change:
    """One property; None where it is absent. A secret's texts are masked, a placeholder is none."""

    name: str
    found: str | None
    wanted: str | None

    @property
    def sign(self) -> str:
        """`+` added, `-` removed, `~` changed."""
        return "+" if self.found is None else "-" if self.wanted is None else "~"


@dataclass(frozen=True)
class ConnectorPlan:
    """What to do with one connector."""

    name: str
    wanted: Properties = field(repr=False)
    exists: bool
    state: str
    changes: list[Change]

    @property
    def action(self) -> str:
        """create, update, resume or nothing."""
        if not self.exists:
            return "create"
        if self.changes:
            return "update"
        return "nothing" if self.state in ("RUNNING", "UNASSIGNED", "RESTARTING") else "resume"


@dataclass(frozen=True)
class Plan:
    """Everything that differs; what the cluster has besides is left alone."""

    topics: list[Difference]
    connectors: list[ConnectorPlan]
    undeclared: list[str]
    """Connectors of the cluster that no definition declares."""

    @property
    def names(self) -> list[str]:
        """The connectors that it is about."""
        return [item.name for item in self.connectors]

    @property
    def is_empty(self) -> bool:
        """Whether the cluster is as declared."""
        return not self.topics and all(item.action == "nothing" for item in self.connectors)


def make_plan(
    connect: ConnectClient, cluster: Cluster, wanted: Mapping[str, Properties], topics: Iterable[Topic]
) -> Plan:
    """Compare; changes nothing."""
    topics = list(topics)
    statuses = connect.statuses()
    found = cluster.described(topic.name for topic in topics)
    plans = []
    for name, properties in wanted.items():
        present = connect.config(name) if name in statuses else {}
        present.pop("name", None)
        status = statuses.get(name)
        state = status.state if status else "absent"
        if status is not None and status.failure:
            state = "FAILED"
        plans.append(ConnectorPlan(name, properties, bool(status), state, _changes(present, properties)))
    undeclared = [name for name in statuses if name not in wanted]
    return Plan(compare(topics, found), plans, undeclared)


@dataclass(frozen=True)
class Target:
    """Where a plan is carried out: the cluster, and the source whose snapshot a new connector takes."""

    connect: ConnectClient
    cluster: Cluster
    source_url: str
    replication: int
    snapshot_properties: Properties = field(default_factory=dict)
    """What a source connector needs besides while it takes its first snapshot."""

    def beginning(self, name: str, wanted: Properties) -> first_snapshot.Beginning:
        """The first snapshot of a PostgreSQL connector."""
        return first_snapshot.Beginning(self.connect, name, wanted, self.source_url, self.snapshot_properties)


def apply(plan: Plan, target: Target, topics: Iterable[Topic], report: Report = lambda text: None) -> None:
    """Make it so: topics first, then each connector, waiting until it runs.

    Raises ConnectError with the properties that Connect refuses, ConnectorFailed with the cause of a failed
    task.
    """
    if plan.topics:
        report("topics")
        target.cluster.create(topics, target.replication)
        target.cluster.repair(plan.topics)
    for item in plan.connectors:
        if item.action != "nothing":
            report(f"{item.action} {item.name}")
            _carry_out(item, target)
        target.connect.wait_until(item.name, "RUNNING", RUNNING_SECONDS)


def take_snapshot(target: Target, name: str, wanted: Properties) -> None:
    """Let a source connector forget where it was and read every table anew."""
    connect = target.connect
    if wanted["connector.class"] == first_snapshot.CONNECTOR_CLASS:
        target.beginning(name, wanted).run()
    else:
        connect.stop(name)
        connect.wait_until(name, "STOPPED", RUNNING_SECONDS)
        connect.reset_offsets(name)
        connect.put_config(name, wanted)
        connect.resume(name)
    connect.wait_until(name, "RUNNING", RUNNING_SECONDS)


def require_valid(connect: ConnectClient, name: str, properties: Properties) -> None:
    """ConnectError that lists each property that Connect finds wrong, and why."""
    reports = connect.validate({"name": name, **properties})
    wrong = {item.name: " ".join(item.errors) for item in reports if item.errors}
    if wrong:
        listed = "; ".join(f"{prop}: {_masked(prop, reason)}" for prop, reason in wrong.items())
        raise ConnectError(f"connector {name} is not valid: {listed}", 400, tuple(wrong))


def _carry_out(item: ConnectorPlan, target: Target) -> None:
    connect = target.connect
    if item.action in ("create", "update"):
        require_valid(connect, item.name, item.wanted)
    if not item.exists:
        connect.create(item.name, item.wanted, "STOPPED")
        connect.wait_until(item.name, "STOPPED", RUNNING_SECONDS)
    if _must_begin(item, connect):
        target.beginning(item.name, item.wanted).run()
        return
    if item.exists and item.changes:
        connect.put_config(item.name, item.wanted)
    if item.state == "FAILED":
        connect.restart(item.name, include_tasks=True, only_failed=True)
    connect.resume(item.name)


def _must_begin(item: ConnectorPlan, connect: ConnectClient) -> bool:
    """Whether a PostgreSQL connector has no whole snapshot yet."""
    if item.wanted["connector.class"] != first_snapshot.CONNECTOR_CLASS:
        return False
    offsets = connect.offsets(item.name)
    has_streamed = bool(offsets) and first_snapshot.is_streaming(offsets[0])
    return not has_streamed or first_snapshot.is_beginning(connect.config(item.name))


def _changes(found: Mapping[str, str], wanted: Mapping[str, str]) -> list[Change]:
    names = sorted(found.keys() | wanted.keys())
    return [
        Change(name, _masked(name, found.get(name)), _masked(name, wanted.get(name)))
        for name in names
        if found.get(name) != wanted.get(name)
    ]


def _masked(name: str, text: str | None) -> str | None:
    """The text, unless it may be a secret; a placeholder says where the secret is and is none."""
    if text is None or not _SECRET.search(name) or _PLACEHOLDER.fullmatch(text):
        return text
    return "********"
