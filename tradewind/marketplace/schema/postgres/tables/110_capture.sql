-- What the capture needs for itself: a heartbeat that moves its position on a quiet database, and signals.

create schema if not exists cdc;

comment on schema cdc is 'The capture''s own tables: heartbeat and signals.';

create table cdc.heartbeat (
    heartbeat_id smallint primary key constraint heartbeat_has_one_row check (heartbeat_id = 1),
    beat_at timestamptz not null
);

comment on table cdc.heartbeat is 'Sign of life that the capture writes, so that its log position moves on. One row.';
comment on column cdc.heartbeat.heartbeat_id is 'Always 1.';
comment on column cdc.heartbeat.beat_at is 'When the capture last wrote it.';

insert into cdc.heartbeat (heartbeat_id, beat_at) values (1, now());

create table cdc.signal (
    id varchar(42) primary key,
    type varchar(32) not null,
    data varchar(2048)
);

comment on table cdc.signal is 'Commands to the capture (such as: read a table again). One row per command.';
comment on column cdc.signal.id is 'Identifier of the command, chosen by its sender.';
comment on column cdc.signal.type is 'Command name, such as execute-snapshot.';
comment on column cdc.signal.data is 'Arguments of the command as JSON; null if none.';
