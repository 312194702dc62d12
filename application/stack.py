"""The platform's stack: `up`, `down` and `status` of the services that `services.py` declares."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from application import preparation, services
from tradewind.settings import Settings
from tradewind.stack import lifecycle
from tradewind.stack.environment import Kind
from tradewind.stack.lifecycle import Status
from tradewind.stack.service import Service, Task
from tradewind.stack.startup import Report


class Platform:
    """Database, warehouse, capture, Dagster and the optional services."""

    servers = frozenset({"postgres", "mariadb", "warehouse", "kafka"})

    def prepare(self, home: Path) -> None:
        """Create the folders, and Dagster's instance and workspace files."""
        preparation.folders(home)
        preparation.dagster_home(home)

    def services(self, home: Path, settings: Settings) -> list[Service]:
        """The platform's services."""
        return services.declare(home, settings)

    def tasks(self, home: Path, settings: Settings, running: set[str]) -> list[Task]:
        """The steps between them."""
        return preparation.tasks(home, settings, running)


PLATFORM = Platform()


def up(
    home: Path,
    report: Report = lambda step, state, seconds: None,
    also: Iterable[str] = (),
    kind: Kind | None = None,
) -> Settings:
    """Start what does not run and return when everything is healthy; see `lifecycle.up`."""
    return lifecycle.up(home, PLATFORM, report, also, kind)


def down(home: Path) -> bool:
    """Stop everything, leave no process; returns whether anything ran."""
    return lifecycle.down(home, PLATFORM)


def status(home: Path) -> list[Status]:
    """The state of every service, asked now."""
    return lifecycle.status(home, PLATFORM)
