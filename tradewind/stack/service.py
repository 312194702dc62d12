"""What a stack consists of: services that keep running, tasks that end, and a blueprint that lists them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from tradewind.settings import Endpoint, Settings


class Unhealthy(RuntimeError):
    """The service does not work (yet); the message is the reason."""


class Refused(Unhealthy):
    """The service rejects our password, so waiting does not help."""


@dataclass(frozen=True)
class Service:
    """One supervised process."""

    name: str
    command: tuple[str, ...]
    needs: tuple[str, ...]
    check: Callable[[], str | None]
    """Raises Unhealthy with the reason while the service does not work; may return a note to show."""
    endpoint: Endpoint | None = None
    url: str | None = None
    stop_signal: str = "TERM"
    is_optional: bool = False
    """Started only on request: `tradewind up --with NAME`."""


@dataclass(frozen=True)
class Task:
    """One step of the start; it is ready when `run` has returned."""

    name: str
    needs: tuple[str, ...]
    run: Callable[[], None]


class Blueprint(Protocol):
    """What one kind of stack consists of; `application.stack` has the platform's."""

    @property
    def servers(self) -> frozenset[str]:
        """Names of the services that others use; they are stopped last."""

    def prepare(self, home: Path) -> None:
        """Create the folders and files that the services expect in the home."""

    def services(self, home: Path, settings: Settings) -> list[Service]:
        """Every service, in the order in which they start."""

    def tasks(self, home: Path, settings: Settings, running: set[str]) -> list[Task]:
        """The steps between the services; `running` names the services that run already."""
