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

