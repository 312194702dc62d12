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

comment on table cdc.excluded_tables is 'Tables that are not captured, by `tradewind source exclude`. One row per table.';

