"""Checks before the engine starts: can the source be captured, and from which position?

A slot that was dropped, re-created, invalidated or advanced no longer holds changes that bronze never got. An
engine would continue and lose them silently, so the capture stops with an error that names the way out.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import LiteralString

import psycopg
from psycopg.conninfo import make_conninfo
from psycopg.rows import TupleRow

from connectors.definitions.definition import Properties
from connectors.embedded.offsets import Offset
from connectors.errors import CaptureError

Connection = psycopg.Connection[TupleRow]

_WAY_OUT = (
    "To take a new snapshot of everything instead: python -m connectors.embedded.capture --new-snapshot"
)
_ACTIVE_PATIENCE_SECONDS = 15.0


@dataclass(frozen=True)
class Slot:
    """A replication slot as the source describes it; positions are byte offsets in its log."""

    name: str
    confirmed: int
    active_pid: int | None
    lost: str | None


class Source:
    """The source database, accessed with the connector's credentials."""

    def __init__(self, properties: Properties) -> None:
        self.slot_name = properties["slot.name"]
        self.publication = properties["publication.name"]
        host, port, database = (properties[f"database.{name}"] for name in ("hostname", "port", "dbname"))
        self.where = f"{host}:{port}/{database}"
        self._user = properties["database.user"]
        self._address = make_conninfo(
            host=host, port=port, dbname=database, user=self._user, password=properties["database.password"]
        )

    def connect(self) -> Connection:
        """A connection; CaptureError with the reason if there is none."""
        try:
            return psycopg.connect(self._address, autocommit=True, connect_timeout=5)
        except psycopg.OperationalError as error:
            reason = str(error).strip().splitlines()[-1].strip()
            raise CaptureError(
                f"source database {self.where} refuses a connection of {self._user!r}: {reason}; "
                "check that it runs (tradewind status) and DATABASE_REPLICATION_URL"
            ) from error

    def check(self, connection: Connection) -> None:
        """Raise CaptureError unless the source offers what Debezium needs."""
        level = _scalar(connection, "show wal_level")
        if level != "logical":
            raise CaptureError(
                f"source database {self.where} has wal_level = {level}; "
                "set wal_level = logical and restart PostgreSQL"
            )
        if not _scalar(connection, "select rolreplication from pg_roles where rolname = current_user"):
            raise CaptureError(
                f"role {self._user!r} of {self.where} may not replicate; "
                f"run as a superuser: alter role {self._user} replication"
            )
        published = "select count(*) from pg_publication where pubname = %s"
        if not _scalar(connection, published, self.publication):
            raise CaptureError(
                f"publication {self.publication!r} is missing in {self.where}; run: tradewind source init"
            )

    def slot(self, connection: Connection) -> Slot | None:
        """The slot, or None where there is none."""
        query = """
            select slot_name, coalesce(confirmed_flush_lsn, '0/0') - '0/0'::pg_lsn, active_pid, wal_status,
                to_jsonb(pg_replication_slots) ->> 'invalidation_reason'
            from pg_replication_slots where slot_name = %s"""
        row = connection.execute(query, (self.slot_name,)).fetchone()
        if row is None:
            return None
        name, confirmed, active_pid, wal_status, reason = row
        lost = str(reason or "its log was removed") if reason or wal_status == "lost" else None
        return Slot(name, int(confirmed), active_pid, lost)

    def is_streaming(self, connection: Connection) -> bool:
        """Whether a client reads the slot right now."""
        slot = self.slot(connection)
        return slot is not None and slot.active_pid is not None

    def wait_until_free(self, connection: Connection) -> None:
        """Wait for the server to notice that an earlier reader of the slot has gone."""
        deadline = time.monotonic() + _ACTIVE_PATIENCE_SECONDS
        while (slot := self.slot(connection)) is not None and slot.active_pid is not None:
            if time.monotonic() > deadline:
                raise CaptureError(
                    f"slot {self.slot_name!r} of {self.where} is being read by another capture "
                    f"(server process {slot.active_pid}); stop that one first"
                )
            time.sleep(0.05)

    def drop_slot(self, connection: Connection) -> None:
        """Remove the slot if it exists."""
        query = "select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name = %s"
        connection.execute(query, (self.slot_name,))


def require_resumable(slot: Slot | None, offset: Offset, where: str) -> None:
    """Raise CaptureError unless the slot still holds everything after the stored offset."""
    assert offset.lsn is not None
    if slot is None:
        raise CaptureError(
            f"the replication slot of {where} is gone, and with it the changes since "
            f"{lsn_text(offset.lsn)}. {_WAY_OUT}"
        )
    if slot.lost:
        raise CaptureError(f"slot {slot.name!r} of {where} is lost ({slot.lost}). {_WAY_OUT}")
    if slot.confirmed > offset.lsn:
        raise CaptureError(
            f"slot {slot.name!r} of {where} starts at {lsn_text(slot.confirmed)}, past the stored offset "
            f"{lsn_text(offset.lsn)}: the changes between them are lost. {_WAY_OUT}"
        )


def require_unused(slot: Slot | None, where: str) -> None:
    """Raise CaptureError if there is a slot although this home has captured nothing."""
    if slot is not None:
        raise CaptureError(
            f"slot {slot.name!r} of {where} exists, but this home holds no offset for it: "
            f"it belongs to another capture, or the offset was lost. {_WAY_OUT}"
        )


def lsn_text(lsn: int) -> str:
    """A log position as PostgreSQL writes it."""
    return f"{lsn >> 32:X}/{lsn & 0xFFFFFFFF:X}"


def _scalar(connection: Connection, query: LiteralString, *arguments: str) -> object:
    row = connection.execute(query, arguments).fetchone()
    return None if row is None else row[0]
