"""The stored offset of the capture: one small JSON file, replaced as a whole.

The file is replaced after the warehouse has acknowledged a batch and before the engine may confirm anything
to the source, so it is never behind the replication slot and never ahead of bronze. The engine's own offset
file only sets where the engine starts: Debezium rewrites it in place, and a crash can truncate it.

An offset is the end of a complete transaction, never a position inside one: several rows can share one log
sequence number, so resuming "after" it would skip some of them. After a crash inside a transaction, that
transaction is repeated from its start.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from connectors.errors import CaptureError


@dataclass(frozen=True)
class Offset:
    """Where to resume: `lsn` is None until a first snapshot is complete."""

    lsn: int | None
    rows: int = 0
    engine: dict[str, Any] = field(default_factory=dict)

    @property
    def is_snapshot_complete(self) -> bool:
        """Whether to stream from `lsn`; otherwise the snapshot starts from the beginning."""
        return self.lsn is not None


def from_engine(offset: Mapping[str, Any], rows: int) -> Offset:
    """The offset to store for a streamed event, with the state of a running incremental snapshot."""
    lsn = int(offset.get("lsn_commit") or offset["lsn"])
    snapshot_state = {
        name: value for name, value in offset.items() if name.startswith("incremental_snapshot")
    }
    return Offset(lsn=lsn, rows=rows, engine=snapshot_state | {"lsn": lsn, "lsn_commit": lsn})


class OffsetFile:
    """The stored offset of one connector in the capture's folder."""

    def __init__(self, folder: Path, connector: str) -> None:
        self.folder = folder
        self.path = folder / f"{connector}.offset.json"
        self.engine_path = folder / f"{connector}.engine-offset"

    def load(self) -> Offset | None:
        """The stored offset, or None where nothing was ever captured into this folder."""
        try:
            return Offset(**json.loads(self.path.read_text()))
        except FileNotFoundError:
            return None
        except (ValueError, TypeError) as error:
            raise CaptureError(
                f"{self.path} is damaged: {error}. Restore it, or start anew with --new-snapshot"
            ) from error

    def save(self, offset: Offset) -> None:
        """Replace the stored offset in one step.

        Without flushing the disk: bronze is not flushed either, and an offset must not outlive its rows.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        scratch = self.path.with_suffix(".next")
        scratch.write_text(json.dumps(asdict(offset)))
        scratch.replace(self.path)

    def forget(self) -> None:
        """Remove the stored offset, so that the next start takes a snapshot."""
        self.path.unlink(missing_ok=True)
        self.engine_path.unlink(missing_ok=True)
