-- The tables that the capture itself writes.
-- A statement ends at a semicolon followed by an empty line.

create table if not exists cdc.heartbeat (
    heartbeat_id smallint primary key constraint heartbeat_has_one_row check (heartbeat_id = 1),
    beat_at timestamptz not null
);

insert into cdc.heartbeat (heartbeat_id, beat_at) values (1, now()) on conflict do nothing;

create table if not exists cdc.signal (
    id varchar(42) primary key,
    type varchar(32) not null,
    data varchar(2048)
);

do $$
begin
    if exists (select from pg_roles where rolname = 'tradewind_cdc') then
        grant usage on schema cdc to tradewind_cdc;
        grant select, insert, update on cdc.heartbeat to tradewind_cdc;
        grant select, insert, delete on cdc.signal to tradewind_cdc;
        grant select on cdc.captured_schemas, cdc.excluded_tables, cdc.published_tables to tradewind_cdc;
    end if;
end
$$;

