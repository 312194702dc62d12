-- Rules shared by all tables: how a rule refuses, and who may write what only rules write.
-- What writes as a rule does so with its caller's rights: those of the owner from a trigger, and too few from elsewhere.
-- A refusal is SQLSTATE 23514 with the message `<rule>: <reason>`. updated_at needs no rule here: its columns say it.

drop procedure if exists refuse;

create procedure refuse(in rule varchar(64), in reason varchar(255))
comment 'Ends the statement with the rule''s name and the reason.'
begin
    -- A longer message would be an error of its own.
    declare message varchar(128) default left(concat(rule, ': ', coalesce(reason, '')), 128);
    signal sqlstate '23514' set message_text = message;
end;

drop function if exists is_bulk_load;

create function is_bulk_load() returns boolean
reads sql data
comment 'Whether this connection loads in bulk: then row rules rest, and the view violations judges the result.'
return exists (
    select 1 from rules.writers where connection_id = connection_id() and is_bulk_load
);

drop function if exists is_by_rule;

create function is_by_rule() returns boolean
reads sql data
comment 'Whether a rule (or a bulk load) is writing on this connection, and not a statement of its user.'
return exists (
    select 1 from rules.writers where connection_id = connection_id()
);

drop function if exists utc_day;

create function utc_day(at_time datetime(6)) returns date
deterministic
comment 'The day in UTC of a time in the session''s time zone.'
return date_add(date '1970-01-01', interval floor(unix_timestamp(at_time) / 86400) day);

drop procedure if exists align_identities;

create procedure align_identities()
sql security invoker
comment 'Moves the ledger''s identifiers past the largest one, after loading explicit ones; the others do so themselves.'
begin
    declare largest bigint default (select max(log_id) from inventory_log);
    if largest is not null then
        insert into rules.log_ids (log_id) values (largest);
        delete from rules.log_ids where log_id = largest;
    end if;
end;
