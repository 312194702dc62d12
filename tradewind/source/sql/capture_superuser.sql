-- Run by a superuser after the other files: new and changed tables are captured by themselves, and the publication
-- lists its tables and belongs to the owner of the database, who needs no superuser to change it.
-- A statement ends at a semicolon followed by an empty line.

drop event trigger if exists capture_full_rows;

drop function if exists cdc.capture_full_rows();

do $$
declare
    database_owner text := (
        select quote_ident(pg_get_userbyid(datdba)) from pg_database where datname = current_database()
    );
    schemas text;
begin
    if not exists (select from pg_event_trigger where evtname = 'tradewind_capture_tables') then
        create event trigger tradewind_capture_tables on ddl_command_end
            when tag in (
                'CREATE TABLE', 'CREATE TABLE AS', 'SELECT INTO', 'ALTER TABLE', 'CREATE INDEX', 'DROP INDEX'
            )
            execute function cdc.capture_tables();
    end if;
    execute format('alter table cdc.captured_schemas owner to %s', database_owner);
    execute format('alter table cdc.excluded_tables owner to %s', database_owner);
    execute format('alter table cdc.published_tables owner to %s', database_owner);
    if not exists (select from pg_publication where pubname = 'tradewind') then
        create publication tradewind;
    end if;
    if current_setting('server_version_num')::integer >= 150000 then
        execute 'select string_agg(quote_ident(n.nspname), '', '') from pg_publication_namespace s '
            'join pg_publication p on p.oid = s.pnpubid join pg_namespace n on n.oid = s.pnnspid '
            'where p.pubname = ''tradewind'''
            into schemas;
        if schemas is not null then
            execute format('alter publication tradewind drop tables in schema %s', schemas);
        end if;
    end if;
    execute format('alter publication tradewind owner to %s', database_owner);
end
$$;

