"""What a stack is made of: services that stay up, tasks that end, and the two ways a service is not well."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from tradewind.settings import Endpoint, Settings


class Unhealthy(RuntimeError):
    """The service does not do its work (yet); the message says how one can tell."""


class Refused(Unhealthy):
    """The service works and does not accept our password: waiting does not help."""


@dataclass(frozen=True)
class Service:
    """One supervised process."""

    name: str
    command: tuple[str, ...]
    needs: tuple[str, ...]
    check: Callable[[], None]
    """Raises Unhealthy with the reason while the service does not do its work."""
    endpoint: Endpoint | None = None
    url: str | None = None
    stop_signal: str = "TERM"
    is_optional: bool = False
    """Started only when it is asked for: `tradewind up --with NAME`."""


@dataclass(frozen=True)
class Task:
    """One step that ends: it is ready when `run` has returned."""

    name: str
    needs: tuple[str, ...]
    run: Callable[[], None]


class Blueprint(Protocol):
    """What one kind of stack consists of; `tradewind.app.stack` has the platform's."""

    @property
    def servers(self) -> frozenset[str]:
        """Names of the services that the others work with; they end after them."""

    def prepare(self, home: Path) -> None:
        """Create the folders and files that the services expect in the home."""

    def services(self, home: Path, settings: Settings) -> list[Service]:
        """Every service, in the order in which they start."""

    def tasks(self, home: Path, settings: Settings, running: set[str]) -> list[Task]:
        """What must be done between the services; `running` names the services that run already."""
