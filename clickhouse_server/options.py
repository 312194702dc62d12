"""The options of one server."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Options:
    """Folders, files, address and limits."""

    data: Path
    users: Path
    access: Path | None = None
    host: str = "127.0.0.1"
    port: int = 8123
    max_queries: int = 16
    max_queued: int = 64
    queue_seconds: float = 10.0
    client_seconds: float = 60.0
    stop_seconds: float = 10.0

    @property
    def engine_folder(self) -> Path:
        """Where the engine keeps databases, tables and its own temporary files."""
        return self.data / "engine"

    @property
    def config_folder(self) -> Path:
        """The engine's generated configuration."""
        return self.data / "config"

    @property
    def pipes_folder(self) -> Path:
        """Named pipes, uploaded files and spooled results of running queries; emptied at each start."""
        return self.data / "running"
