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

