"""The structure of captured tables, and whether a change of it changed rows that no event tells of.

PostgreSQL logs rows that statements change, not those that DDL changes: a column added with a default,
renamed, converted or dropped (another may get its name); another key; a partition attached, detached or
truncated by itself; a table published with rows, or swapped for another of its name. Such a table has to be
read again.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import asdict, dataclass, field
from typing import Any

import psycopg

from tradewind.source.naming import TableName

NOTIFICATION = "tradewind_tables"
"""The channel on which the event trigger tells of changed tables."""


@dataclass(frozen=True)
class ColumnStructure:
    """A column; `expression` is that of a generated one, `has_missing` whether old rows take its default.

    `labels` are those of an enumeration by their oids: one that is renamed is another value in all rows.
    """

    name: str
    type: str
    expression: str
    has_missing: bool
    labels: dict[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class Structure:
    """What a table is made of; two are equal if nothing has changed that could have changed its rows.

    `file` and `partitions` are the files that hold the rows: another file means that they were written anew.
    """

    oid: int
    file: int
    key: tuple[str, ...]
    checks: str
    columns: dict[int, ColumnStructure]
    partitions: dict[int, int]

    @property
    def text(self) -> str:
        """The structure as JSON, to be stored and compared."""
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def parse(cls, text: str) -> Structure:
        """The structure of such a text."""
        found: dict[str, Any] = json.loads(text)
        columns = {int(number): ColumnStructure(**column) for number, column in found["columns"].items()}
        partitions = {int(oid): file for oid, file in found["partitions"].items()}
        return cls(found["oid"], found["file"], tuple(found["key"]), found["checks"], columns, partitions)


@dataclass(frozen=True)
class LiveTable:
    """A published table as it is now."""

    name: TableName
    structure: Structure
    is_complete: bool
    """Whether every row it has had since was logged: it was empty when it was published, and is unchanged."""
    full_partitions: frozenset[int]
    """Partitions that have, or had, rows."""


def read_structures(connection: psycopg.Connection[Any]) -> dict[TableName, LiveTable]:
    """The published tables of the shop; any role that may connect can read them."""
    found = {}
    with connection.transaction():
        # Names in expressions are the same for each role only if they depend on no search path.
        connection.execute("set local search_path = pg_catalog")
        rows = connection.execute(_STRUCTURES).fetchall()
    for schema, name, oid, file, key, checks, columns, partitions, full, is_complete in rows:
        structure = Structure(
            oid,
            file,
            tuple(key),
            checks,
            {int(number): ColumnStructure(*column) for number, column in columns.items()},
            {int(partition): partition_file for partition, partition_file in partitions.items()},
        )
        table = TableName(schema, name)
        found[table] = LiveTable(table, structure, is_complete, frozenset(full))
    return found


def lost_rows(
    before: Structure, now: LiveTable, captured_before: Collection[str], captured: Collection[str]
) -> str:
    """Why rows changed without events since `before`; empty if they did not.

    `captured` are the names of the columns that are captured; what is not captured does not matter.
    """
    after = now.structure
    if before.oid != after.oid:
        return "it is another table of that name"
    if set(before.partitions) - set(after.partitions):
        return "a partition is gone"
    if (set(after.partitions) - set(before.partitions)) & now.full_partitions:
        return "a partition with rows was attached"
    if any(after.partitions[oid] != file for oid, file in before.partitions.items()):
        return "a partition was truncated or rewritten"
    gone = before.columns.keys() - after.columns.keys()
    for number in sorted(gone):
        # Another column may get its name, and must not get its values.
        if before.columns[number].name in captured_before:
            return f"it has lost the column {before.columns[number].name}"
    for number, column in after.columns.items():
        if column.name in captured:
            known = before.columns.get(number)
            if reason := _lost_values(known, column, before.file != after.file, captured_before):
                return f"{reason} {column.name}"
    if after.key and after.key != before.key:
        return "it has another key" if before.key else "it got a key"
    return ""


def _lost_values(
    before: ColumnStructure | None, now: ColumnStructure, is_rewritten: bool, captured_before: Collection[str]
) -> str:
    if before is None:
        return "it has filled the new column" if now.has_missing or is_rewritten else ""
    if before.name != now.name:
        return f"{before.name} was renamed to"
    if any(now.labels.get(oid) != label for oid, label in before.labels.items()):
        return "a label was renamed of"
    if before.expression != now.expression or (before.type != now.type and is_rewritten):
        return "it has converted"
    return "" if now.name in captured_before else "it is captured now:"


_STRUCTURES = """
    select
        n.nspname, c.relname, c.oid::bigint, c.relfilenode::bigint,
        coalesce((
            select array(
                select a.attname::text
                from unnest(i.indkey::int2[]) with ordinality as k(attnum, position)
                join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum
                order by k.position
            )
            from pg_index i
            where i.indrelid = c.oid and i.indisunique and i.indisvalid
                and i.indpred is null and i.indexprs is null
                and not exists (
                    select from pg_attribute a
                    where a.attrelid = c.oid and a.attnum = any(i.indkey) and not a.attnotnull
                )
            order by i.indisprimary desc, i.indnkeyatts, i.indexrelid
            limit 1
        ), '{}'),
        coalesce((
            select md5(string_agg(pg_get_constraintdef(k.oid), ';' order by k.oid))
            from pg_constraint k
            where k.conrelid = c.oid and k.contype = 'c' and cardinality(k.conkey) = 1
        ), ''),
        (
            select coalesce(jsonb_object_agg(a.attnum, jsonb_build_array(
                a.attname, format_type(a.atttypid, a.atttypmod),
                case when a.attgenerated <> '' then pg_get_expr(d.adbin, d.adrelid) else '' end,
                a.atthasmissing or exists (
                    select from pg_attribute l
                    where l.attrelid = any(tree.members) and l.attname = a.attname and l.atthasmissing
                ),
                (
                    select coalesce(jsonb_object_agg(e.oid::bigint, e.enumlabel), '{}')
                    from pg_type t
                    join pg_enum e on e.enumtypid in (t.oid, t.typelem, t.typbasetype)
                    where t.oid = a.atttypid
                )
            )), '{}')
            from pg_attribute a
            left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
            where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
        ),
        (
            select coalesce(jsonb_object_agg(l.oid::bigint, l.relfilenode::bigint), '{}')
            from pg_class l where l.oid = any(tree.members) and l.relkind = 'r'
        ),
        array(
            select l.oid::bigint
            from pg_class l
            where l.oid = any(tree.members) and l.relkind = 'r' and pg_relation_size(l.oid) > 0
        ),
        coalesce(p.was_empty and p.schema_name = n.nspname and p.table_name = c.relname and p.columns = (
            select md5(string_agg(
                format('%s %s %s %s %s', a.attnum, a.attname, a.atttypid, a.atttypmod, (
                    select string_agg(format('%s %s', e.oid, e.enumlabel), ',' order by e.oid)
                    from pg_type t
                    join pg_enum e on e.enumtypid in (t.oid, t.typelem, t.typbasetype)
                    where t.oid = a.atttypid
                )), ',' order by a.attnum
            ))
            from pg_attribute a
            where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
        ), false)
    from pg_publication u
    join pg_publication_rel r on r.prpubid = u.oid
    join pg_class c on c.oid = r.prrelid and not c.relispartition
    join pg_namespace n on n.oid = c.relnamespace and n.nspname <> 'cdc'
    left join cdc.published_tables p on p.table_oid = c.oid
    cross join lateral (
        select coalesce(array_agg(relid::oid), '{}') as members
        from pg_partition_tree(c.oid)
        where c.relkind = 'p'
    ) as tree
    where u.pubname = 'tradewind'
"""
