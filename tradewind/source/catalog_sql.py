"""The queries of `tradewind.source.catalog`: each takes the names of the captured schemas."""

from __future__ import annotations

_RELATIONS = """
    from pg_class c
    join pg_namespace n on n.oid = c.relnamespace and n.nspname = any(%s)
        and c.relkind in ('r', 'p') and not c.relispartition
"""

# Whether this role may read which tables are captured; the application's may not.
HAS_SCOPE = """
    select count(*) = 2
    from pg_class c
    join pg_namespace n on n.oid = c.relnamespace and n.nspname = 'cdc'
    where c.relname in ('captured_schemas', 'excluded_tables')
        and has_schema_privilege(n.oid, 'usage') and has_table_privilege(c.oid, 'select')
"""

CAPTURED_SCHEMAS = "select schema_name from cdc.captured_schemas order by 1"

EXCLUDED = "select schema_name, table_name from cdc.excluded_tables"

TABLES = f"""
    select
        c.oid, n.nspname, c.relname, coalesce(obj_description(c.oid, 'pg_class'), ''), c.relpersistence::text,
        exists (
            select from pg_publication_rel r
            join pg_publication p on p.oid = r.prpubid
            where p.pubname = 'tradewind' and r.prrelid = c.oid
        ) or exists (select from pg_publication where pubname = 'tradewind' and puballtables),
        exists (select from pg_publication where pubname = 'tradewind'),
        c.relrowsecurity and exists (
            select from pg_roles where rolname = 'tradewind_cdc' and not rolsuper and not rolbypassrls
        )
    {_RELATIONS}
    order by n.nspname, c.relname
"""  # noqa: S608 - our own text

# A domain's values are those of the type it is made of; a type of an extension is known by its plain name.
COLUMNS = f"""
    with recursive attributes as (
        select
            c.oid as relation, a.attnum, a.attname, a.atttypid as declared_type, a.attnotnull, a.attgenerated,
            coalesce(col_description(c.oid, a.attnum), '') as comment
        {_RELATIONS}
        join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    ),
    types as (
        select
            a.relation, a.attnum, p.atttypid as type, p.atttypmod as modifier, p.attnotnull as is_required,
            0 as depth
        from attributes a
        join pg_attribute p on p.attrelid = a.relation and p.attnum = a.attnum
        union all
        select
            types.relation, types.attnum, t.typbasetype, t.typtypmod, types.is_required or t.typnotnull,
            types.depth + 1
        from types
        join pg_type t on t.oid = types.type and t.typtype = 'd'
    ),
    base as (
        select distinct on (relation, attnum) * from types order by relation, attnum, depth desc
    )
    select
        a.relation, a.attname,
        case
            when t.typnamespace = 'pg_catalog'::regnamespace then format_type(base.type, base.modifier)
            when e.oid is not null then e.typname || '[]'
            else t.typname
        end,
        not base.is_required, a.comment, coalesce('e' in (t.typtype, e.typtype), false), a.attgenerated::text,
        case when base.depth > 0 then format_type(a.declared_type, null) end
    from attributes a
    join base on base.relation = a.relation and base.attnum = a.attnum
    join pg_type t on t.oid = base.type
    left join pg_type e on e.oid = t.typelem and t.typcategory = 'A'
    order by a.relation, a.attnum
"""  # noqa: S608 - our own text

_COLUMN_NAMES = """
    array(
        select a.attname::text
        from unnest({key}) with ordinality as k(attnum, position)
        join pg_attribute a on a.attrelid = {relation} and a.attnum = k.attnum
        order by k.position
    )
"""

# The primary key, else the unique index with the fewest columns, all of them not null.
KEYS = f"""
    select distinct on (c.oid) c.oid, {_COLUMN_NAMES.format(key="i.indkey::int2[]", relation="c.oid")}
    {_RELATIONS}
    join pg_index i on i.indrelid = c.oid and i.indisunique and i.indisvalid and i.indpred is null
        and i.indexprs is null
        and not exists (
            select from pg_attribute a
            where a.attrelid = c.oid and a.attnum = any(i.indkey) and not a.attnotnull
        )
    join pg_class k on k.oid = i.indexrelid
    order by c.oid, i.indisprimary desc, i.indnkeyatts, k.relname
"""  # noqa: S608 - our own text

CHECKS = f"""
    select c.oid, a.attname, pg_get_constraintdef(k.oid), pg_get_expr(k.conbin, c.oid)
    {_RELATIONS}
    join pg_constraint k on k.conrelid = c.oid and k.contype = 'c' and cardinality(k.conkey) = 1
    join pg_attribute a on a.attrelid = c.oid and a.attnum = k.conkey[1]
"""

FOREIGN_KEYS = f"""
    select c.oid, k.conname, {_COLUMN_NAMES.format(key="k.conkey", relation="c.oid")},
        fn.nspname, f.relname, {_COLUMN_NAMES.format(key="k.confkey", relation="f.oid")}
    {_RELATIONS}
    join pg_constraint k on k.conrelid = c.oid and k.contype = 'f' and k.conparentid = 0
    join pg_class f on f.oid = k.confrelid
    join pg_namespace fn on fn.oid = f.relnamespace
    order by c.oid, k.conname
"""

CHILDREN = f"""
    with recursive descendants as (
        select c.oid as parent, i.inhrelid as child
        {_RELATIONS}
        join pg_inherits i on i.inhparent = c.oid and c.relkind = 'r'
        union
        select d.parent, i.inhrelid from descendants d join pg_inherits i on i.inhparent = d.child
    )
    select d.parent, n.nspname, c.relname
    from descendants d
    join pg_class c on c.oid = d.child
    join pg_namespace n on n.oid = c.relnamespace
    order by 1, 2, 3
"""  # noqa: S608 - our own text
