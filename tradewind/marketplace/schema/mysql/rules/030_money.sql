-- Money: currencies agree, refunds never exceed what was received, one reporting currency.

drop procedure if exists require_currency_of_order;

create procedure require_currency_of_order(in rule varchar(64), in checked_order_id bigint, in given varchar(32))
comment 'Refuses another currency than the order''s.'
begin
    -- Locked for writing before the foreign key locks it for reading: two that refund one order would block each other.
    declare order_currency varchar(32);
    select currency into order_currency from orders where order_id = checked_order_id for update;
    if order_currency <> given then
        call refuse(rule, concat('order ', checked_order_id, ' is in ', order_currency, ', not in ', given));
    end if;
end;

drop procedure if exists require_refunds_within_payments;

create procedure require_refunds_within_payments(in checked_order_id bigint)
comment 'Refuses refunds, rejected ones aside, that exceed the payments received, charged-back ones included: a chargeback may follow a refund.'
begin
    declare locked_order_id bigint;
    declare refunded, received numeric(30, 2);
    -- Concurrent refunds of one order queue here, so that each sees the others.
    select order_id into locked_order_id from orders where order_id = checked_order_id for update;
    select coalesce(sum(refund_amount), 0) into refunded
    from order_returns
    where order_id = checked_order_id and status <> 'rejected'
    lock in share mode;
    select coalesce(sum(amount), 0) into received
    from payments
    where order_id = checked_order_id and status in ('captured', 'charged_back')
    lock in share mode;
    if refunded > received then
        call refuse('order_returns_within_payments', concat(
            'order ', checked_order_id, ': refunds of ', refunded, ' exceed received payments of ', received
        ));
    end if;
end;

drop trigger if exists currency_of_payment_insert;

create trigger currency_of_payment_insert before insert on payments for each row
begin
    if not is_bulk_load() then
        call require_currency_of_order('payments_currency_is_the_orders', new.order_id, new.currency);
    end if;
end;

drop trigger if exists currency_of_payment_update;

create trigger currency_of_payment_update before update on payments for each row
begin
    if not is_bulk_load() then
        call require_currency_of_order('payments_currency_is_the_orders', new.order_id, new.currency);
    end if;
end;

drop trigger if exists currency_of_return_insert;

create trigger currency_of_return_insert before insert on order_returns for each row
begin
    if not is_bulk_load() then
        call require_currency_of_order('order_returns_currency_is_the_orders', new.order_id, new.currency);
    end if;
end;

drop trigger if exists currency_of_return_update;

create trigger currency_of_return_update before update on order_returns for each row
begin
    if not is_bulk_load() then
        call require_currency_of_order('order_returns_currency_is_the_orders', new.order_id, new.currency);
    end if;
end;

drop trigger if exists refund_within_payments_insert;

create trigger refund_within_payments_insert after insert on order_returns for each row
begin
    if not is_bulk_load() then
        call require_refunds_within_payments(new.order_id);
    end if;
end;

drop trigger if exists refund_within_payments_update;

create trigger refund_within_payments_update after update on order_returns for each row
begin
    if not is_bulk_load() then
        call require_refunds_within_payments(new.order_id);
    end if;
end;

drop trigger if exists payments_cover_refunds_update;

create trigger payments_cover_refunds_update after update on payments for each row
begin
    if not is_bulk_load() then
        call require_refunds_within_payments(old.order_id);
        call require_refunds_within_payments(new.order_id);
    end if;
end;

drop trigger if exists payments_cover_refunds_delete;

create trigger payments_cover_refunds_delete after delete on payments for each row
begin
    if not is_bulk_load() then
        call require_refunds_within_payments(old.order_id);
    end if;
end;

drop procedure if exists require_one_reporting_currency;

create procedure require_one_reporting_currency(in given varchar(32))
begin
    declare other varchar(32) default (
        select min(reporting_currency) from fx_rates where reporting_currency <> given
    );
    if other is not null then
        call refuse('fx_rates_one_reporting_currency', concat('this shop reports in ', other, ', not in ', given));
    end if;
end;

drop trigger if exists one_reporting_currency_insert;

create trigger one_reporting_currency_insert after insert on fx_rates for each row
begin
    if not is_bulk_load() then
        call require_one_reporting_currency(new.reporting_currency);
    end if;
end;

drop trigger if exists one_reporting_currency_update;

create trigger one_reporting_currency_update after update on fx_rates for each row
begin
    if new.reporting_currency <> old.reporting_currency and not is_bulk_load() then
        call require_one_reporting_currency(new.reporting_currency);
    end if;
end;

drop function if exists in_reporting_currency;

create function in_reporting_currency(amount numeric(18, 2), amount_currency varchar(32), at_time datetime(6))
returns numeric(18, 2)
reads sql data
comment 'An amount in the reporting currency at the latest rate on or before a day (UTC), rounded to cents.'
begin
    declare converted numeric(18, 2) default (
        select round(amount * rate, 2)
        from fx_rates
        where currency = amount_currency and rate_date <= utc_day(at_time)
        order by rate_date desc
        limit 1
    );
    if converted is null and amount is not null then
        call refuse('fx_rates_cover_orders', concat(
            'fx_rates has no rate for ', amount_currency, ' on or before ', utc_day(at_time)
        ));
    end if;
    return converted;
end;
