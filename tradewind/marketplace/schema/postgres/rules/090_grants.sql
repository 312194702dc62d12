-- Rights, where the roles exist (the embedded cluster makes them; elsewhere the operator does).

do $$
begin
    if exists (select from pg_roles where rolname = 'tradewind_app') then
        grant usage on schema public, rules to tradewind_app;
        grant select, insert, update, delete on all tables in schema public to tradewind_app;
        grant usage, select on all sequences in schema public to tradewind_app;
        grant select on all tables in schema rules to tradewind_app;
        grant usage on schema labels to tradewind_app;
        revoke select on all tables in schema labels from tradewind_app;
        grant insert on all tables in schema labels to tradewind_app;
        grant usage, select on all sequences in schema labels to tradewind_app;
    end if;
    if exists (select from pg_roles where rolname = 'tradewind_cdc') then
        grant usage on schema public, cdc to tradewind_cdc;
        grant select on all tables in schema public, cdc to tradewind_cdc;
        grant insert, update on cdc.heartbeat to tradewind_cdc;
        grant insert, delete on cdc.signal to tradewind_cdc;
    end if;
end
$$;
