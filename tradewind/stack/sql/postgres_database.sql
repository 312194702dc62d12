-- Run by the superuser in the shop's database: what only a superuser may create.
-- A statement ends at a semicolon followed by an empty line.

revoke all on database ecomm from public;

grant connect on database ecomm to tradewind_app, tradewind_cdc;

create schema if not exists cdc authorization tradewind_owner;

revoke all on schema public from public;

grant usage on schema public, cdc to tradewind_app, tradewind_cdc;

alter default privileges for role tradewind_owner in schema public
    grant select, insert, update, delete on tables to tradewind_app;

alter default privileges for role tradewind_owner in schema public
    grant usage, select on sequences to tradewind_app;

alter default privileges for role tradewind_owner in schema public, cdc
    grant select on tables to tradewind_cdc;

do $$
begin
    if not exists (select from pg_publication where pubname = 'tradewind') then
        create publication tradewind for tables in schema public, cdc;
    end if;
end
$$;

create or replace function cdc.capture_full_rows() returns event_trigger
    language plpgsql
    set search_path = pg_catalog
as $$
declare
    created record;
begin
    for created in
        select command.objid::regclass as table_name
        from pg_event_trigger_ddl_commands() as command
        inner join pg_class on command.objid = pg_class.oid
        where command.schema_name in ('public', 'cdc')
            and command.object_type = 'table'
            and pg_class.relkind in ('r', 'p')
            and pg_class.relreplident <> 'f'
    loop
        execute format('alter table %s replica identity full', created.table_name);
    end loop;
end
$$;

comment on function cdc.capture_full_rows() is
    'Gives every new table REPLICA IDENTITY FULL, so that its changes carry the whole old row.';

do $$
begin
    if not exists (select from pg_event_trigger where evtname = 'capture_full_rows') then
        create event trigger capture_full_rows on ddl_command_end
            when tag in ('CREATE TABLE', 'CREATE TABLE AS', 'SELECT INTO')
            execute function cdc.capture_full_rows();
    end if;
end
$$;

