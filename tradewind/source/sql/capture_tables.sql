-- Publishes the captured tables, each with a replica identity with which PostgreSQL accepts every update: FULL, so that
-- events carry whole rows; the key where a virtual generated column forbids FULL. A table for which neither works is
-- not published, since its updates would fail.
--
-- The body between the dollar quotes is run by `tradewind source init` and, where a superuser has created the event
-- trigger, after each DDL, whoever runs that. What fails is reported as a warning: no DDL of the shop fails with it.

create or replace function cdc.capture_tables() returns event_trigger
    language plpgsql
    security definer
    set search_path = pg_catalog
as $capture$
declare
    candidate record;
    failed oid[] := '{}';
    may_list boolean;
    has_reader boolean := exists (select from pg_roles where rolname = 'tradewind_cdc');
begin
    if current_setting('tradewind.capturing_tables', true) = 'on'
        or to_regclass('cdc.captured_schemas') is null or to_regclass('cdc.published_tables') is null
        or not exists (select from pg_publication where pubname = 'tradewind')
    then
        return;
    end if;
    perform set_config('tradewind.capturing_tables', 'on', true);
    may_list := not (select puballtables from pg_publication where pubname = 'tradewind');
    for candidate in
        with roots as (
            select
                c.oid,
                c.relpersistence = 'p' and (
                    c.oid in (to_regclass('cdc.heartbeat'), to_regclass('cdc.signal'))
                    or (
                        n.nspname in (select schema_name from cdc.captured_schemas)
                        and (n.nspname, c.relname) not in (select schema_name, table_name from cdc.excluded_tables)
                    )
                ) as is_wanted,
                exists (
                    select from pg_publication_rel r
                    join pg_publication p on p.oid = r.prpubid
                    where p.pubname = 'tradewind' and r.prrelid = c.oid
                ) as is_listed
            from pg_class c
            join pg_namespace n on n.oid = c.relnamespace
            where c.relkind in ('r', 'p') and not c.relispartition
        ),
        members as (
            select roots.*, tree.member
            from roots
            cross join lateral (
                select relid::oid as member from pg_partition_tree(roots.oid) union select roots.oid
            ) as tree
            where roots.is_wanted or roots.is_listed
        ),
        identities as (
            select
                m.member,
                case
                    when not exists (
                        select from pg_attribute a
                        where a.attrelid = m.member and not a.attisdropped and a.attgenerated = 'v'
                    ) then 'full'
                    when bool_or(i.indisprimary) then 'default'
                    else 'using index ' || quote_ident(min(k.relname::text))
                end as wanted_identity
            from members m
            left join pg_index i
                on i.indrelid = m.member and i.indisunique and i.indimmediate and i.indisvalid
                and i.indpred is null and i.indexprs is null
                and not exists (
                    select from pg_attribute a
                    where a.attrelid = i.indrelid and a.attnum = any(i.indkey)
                        and (not a.attnotnull or a.attgenerated = 'v')
                )
            left join pg_class k on k.oid = i.indexrelid
            group by m.member
        )
        select
            m.oid, m.member, m.is_listed, m.member = m.oid as is_root, i.wanted_identity,
            m.is_wanted and bool_and(i.wanted_identity is not null) over (partition by m.oid) as is_captured,
            i.wanted_identity is distinct from case c.relreplident
                when 'f' then 'full'
                when 'd' then 'default'
                when 'i' then 'using index ' || (
                    select quote_ident(k.relname)
                    from pg_index x
                    join pg_class k on k.oid = x.indexrelid
                    where x.indrelid = c.oid and x.indisreplident
                )
            end as has_other_identity
        from members m
        join identities i on i.member = m.member
        join pg_class c on c.oid = m.member
        order by m.oid, is_root
    loop
        begin
            if candidate.is_captured and candidate.has_other_identity then
                execute format(
                    'alter table %s replica identity %s', candidate.member::regclass, candidate.wanted_identity
                );
            end if;
            if candidate.is_root and candidate.is_captured and has_reader then
                if not has_table_privilege('tradewind_cdc', candidate.oid, 'select') then
                    execute format('grant select on %s to tradewind_cdc', candidate.oid::regclass);
                end if;
            end if;
            if not candidate.is_root or not may_list or candidate.oid = any(failed) then
                continue;
            elsif candidate.is_captured and not candidate.is_listed then
                execute format('alter publication tradewind add table only %s', candidate.oid::regclass);
                insert into cdc.published_tables (table_oid, schema_name, table_name, was_empty, columns)
                select
                    c.oid, n.nspname, c.relname,
                    coalesce((select sum(pg_relation_size(p.relid)) from pg_partition_tree(c.oid) as p), 0)
                    + pg_relation_size(c.oid) = 0,
                    (
                        select coalesce(md5(string_agg(
                            format('%s %s %s %s %s', a.attnum, a.attname, a.atttypid, a.atttypmod, (
                                select string_agg(format('%s %s', e.oid, e.enumlabel), ',' order by e.oid)
                                from pg_type t
                                join pg_enum e on e.enumtypid in (t.oid, t.typelem, t.typbasetype)
                                where t.oid = a.atttypid
                            )), ',' order by a.attnum
                        )), '')
                        from pg_attribute a
                        where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
                    )
                from pg_class c
                join pg_namespace n on n.oid = c.relnamespace
                where c.oid = candidate.oid
                on conflict (table_oid) do update set
                    schema_name = excluded.schema_name, table_name = excluded.table_name,
                    was_empty = excluded.was_empty, columns = excluded.columns;
            elsif candidate.is_listed and not candidate.is_captured then
                execute format('alter publication tradewind drop table only %s', candidate.oid::regclass);
            end if;
        exception when others then
            failed := failed || candidate.oid;
            raise warning '% cannot be captured: %', candidate.member::regclass, sqlerrm;
        end;
    end loop;
    delete from cdc.published_tables p
    where not exists (
        select from pg_publication_rel r
        join pg_publication u on u.oid = r.prpubid
        where u.pubname = 'tradewind' and r.prrelid = p.table_oid
    );
    perform pg_notify('tradewind_tables', '');
    perform set_config('tradewind.capturing_tables', 'off', true);
exception when others then
    raise warning 'the captured tables were not brought up to date: %', sqlerrm;
end
$capture$;

