-- Which tables of the shop are captured.
-- A statement ends at a semicolon followed by an empty line.

create schema if not exists cdc;

create table if not exists cdc.captured_schemas (
    schema_name text primary key
);

comment on table cdc.captured_schemas is 'Schemas whose tables are captured. One row per schema.';

insert into cdc.captured_schemas (schema_name)
select 'public'
where not exists (select from cdc.captured_schemas);

create table if not exists cdc.excluded_tables (
    schema_name text,
    table_name text,
    primary key (schema_name, table_name)
);

create table if not exists cdc.published_tables (
    table_oid oid primary key,
    schema_name text not null,
    table_name text not null,
    was_empty boolean not null,
    columns text not null
);

comment on table cdc.published_tables is
    'Captured tables as they were when they were published, written by cdc.capture_tables. One row per table.';

comment on table cdc.excluded_tables is 'Tables that are not captured, by `tradewind source exclude`. One row per table.';

