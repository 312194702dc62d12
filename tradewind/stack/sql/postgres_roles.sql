-- Run once per cluster by its superuser: the three roles, with nothing they do not need.
-- A statement ends at a semicolon followed by an empty line.

do $$
declare
    role_name text;
begin
    foreach role_name in array array['tradewind_owner', 'tradewind_app', 'tradewind_cdc'] loop
        if not exists (select from pg_roles where rolname = role_name) then
            execute format('create role %I login', role_name);
        end if;
    end loop;
end
$$;

alter role tradewind_owner nosuperuser nocreatedb nocreaterole noreplication nobypassrls;

alter role tradewind_app nosuperuser nocreatedb nocreaterole noreplication nobypassrls;

alter role tradewind_cdc nosuperuser nocreatedb nocreaterole replication nobypassrls;

