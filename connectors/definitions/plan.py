"""What a look at the source's tables leads to: rows of the register, and tables to be read again."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from tradewind.source.naming import TableName, assign
from tradewind.source.structure import LiveTable, Structure, lost_rows
from tradewind.warehouse.captured_tables import CapturedTable, owners


@dataclass(frozen=True)
class Reread:
    """A table to read again."""

    table: TableName
    reason: str
    registration: CapturedTable
    """Its row of the register once that is done."""


@dataclass(frozen=True)
class Plan:
    """What to do so that bronze has every row of the source."""

    register: list[CapturedTable] = field(default_factory=list)
    rereads: list[Reread] = field(default_factory=list)

    @property
    def all_registrations(self) -> list[CapturedTable]:
        """The register once everything is done."""
        return [*self.register, *(reread.registration for reread in self.rereads)]


def plan(
    live: Mapping[TableName, LiveTable],
    columns: Mapping[TableName, tuple[str, ...]],
    register: Mapping[TableName, CapturedTable],
    filled_logs: Collection[str],
) -> Plan:
    """Compare the published tables with the register. `columns` are the captured tables' captured columns.

    What an older version captured, without a register, counts as read: all tables but partitioned ones.
    """
    made = Plan()
    captured = assign(columns, owners(register)).captured
    is_first = not any(row.structure for row in register.values())
    for table, now in sorted(live.items()):
        own = columns.get(table, ()) if table in captured else ()
        row = CapturedTable(table, table.log_name if table in captured else "", now.structure.text, own)
        before = register.get(table)
        if before == row:
            continue
        reason = _reason(now, own, before, register)
        is_known = is_first and row.log_name in filled_logs and not now.structure.partitions
        if not reason or not own or not now.structure.key or is_known:
            made.register.append(row)
        else:
            made.rereads.append(Reread(table, reason, row))
    return made


def _reason(
    now: LiveTable,
    columns: tuple[str, ...],
    before: CapturedTable | None,
    register: Mapping[TableName, CapturedTable],
) -> str:
    """Why bronze lacks rows of the table; empty if it has them all."""
    if before is not None and before.structure and before.captured_columns:
        return lost_rows(Structure.parse(before.structure), now, before.captured_columns, columns)
    others = (row for row in register.values() if row.structure and row.table != now.name)
    for other in others:
        if Structure.parse(other.structure).oid == now.structure.oid:
            return f"it was {other.table}"
    return "" if now.is_complete and before is None else "it had rows before it was captured"
