-- What the capture needs for itself: a heartbeat that moves its position on a quiet database, and signals.

create database if not exists cdc character set utf8mb4 collate utf8mb4_bin;

create table if not exists cdc.heartbeat (
    heartbeat_id smallint not null primary key
        comment 'Always 1.',
    beat_at timestamp(6) not null
        comment 'When the capture last wrote it.',
    constraint heartbeat_has_one_row check (heartbeat_id = 1)
) comment 'Sign of life that the capture writes, so that its log position moves on. One row.';

insert ignore into cdc.heartbeat (heartbeat_id, beat_at) values (1, now(6));

create table if not exists cdc.`signal` (
    id varchar(42) not null primary key
        comment 'Identifier of the command, chosen by its sender.',
    type varchar(32) not null
        comment 'Command name, such as execute-snapshot.',
    data varchar(2048)
        comment 'Arguments of the command as JSON; null if none.'
) comment 'Commands to the capture (such as: read a table again). One row per command.';
