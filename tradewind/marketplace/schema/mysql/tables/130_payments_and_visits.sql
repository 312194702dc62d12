-- Chargebacks and cards of payments, pages of events, profiles that move to another account, and deletes.

drop procedure if exists extend_payments;

-- Step by step, so that the file can be applied again after a failure: these servers commit around every statement.
create procedure extend_payments()
begin
    if not exists (
        select 1 from information_schema.columns
        where table_schema = database() and table_name = 'payments' and column_name = 'card_fingerprint'
    ) then
        alter table payments
            modify column status varchar(32) not null default 'pending'
                comment 'State: pending, authorized, captured (money received), failed, voided or charged_back (received, then taken back by the card''s issuer).',
            add column card_fingerprint varchar(255)
                comment 'Token of the card, the same for every payment with it; null if not a card or not known. Personal data.',
            add column charged_back_at timestamp(6) null
                comment 'When the card''s issuer took the money back; null otherwise.',
            add key payments_by_card (card_fingerprint);
    end if;
    if not exists (
        select 1 from information_schema.table_constraints
        where table_schema = database() and table_name = 'payments'
            and constraint_name = 'payments_charged_back_has_time'
    ) then
        if exists (
            select 1 from information_schema.table_constraints
            where table_schema = database() and table_name = 'payments' and constraint_name = 'payments_status_known'
        ) then
            alter table payments drop constraint payments_status_known;
        end if;
        alter table payments
            add constraint payments_status_known check (
                status in ('pending', 'authorized', 'captured', 'failed', 'voided', 'charged_back')
            ),
            add constraint payments_charged_back_has_time check (
                (status = 'charged_back') = (charged_back_at is not null)
            );
    end if;
end;

call extend_payments();

drop procedure extend_payments;

drop procedure if exists extend_user_events;

create procedure extend_user_events()
begin
    if not exists (
        select 1 from information_schema.columns
        where table_schema = database() and table_name = 'user_events' and column_name = 'page_path'
    ) then
        alter table user_events
            add column page_path varchar(255)
                comment 'Path of the page, without host and query; null if not known.';
    end if;
end;

call extend_user_events();

drop procedure extend_user_events;

drop procedure if exists release_profiles;

-- A foreign key that follows an update calls no triggers and is not in the change log, so a rule takes its place.
create procedure release_profiles()
begin
    if exists (
        select 1 from information_schema.referential_constraints
        where constraint_schema = database() and constraint_name = 'orders_profile_of_user'
    ) then
        alter table orders drop foreign key orders_profile_of_user;
        alter table orders drop key orders_profile_of_user;
    end if;
end;

call release_profiles();

drop procedure release_profiles;

create table if not exists rules.rate_lock (
    lock_id tinyint not null primary key
) comment 'One row, locked for reading while an order is counted at the present exchange rates, and for writing while they change.';

insert ignore into rules.rate_lock (lock_id) values (1);

create table if not exists rules.deleted_orders (
    order_id bigint not null primary key
) comment 'Orders that are being deleted, while their items and history are; holds no rows.';
