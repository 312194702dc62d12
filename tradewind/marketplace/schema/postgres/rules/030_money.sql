-- Money: currencies agree, refunds never exceed what was received, one reporting currency.

create or replace function rules.currency_is_the_orders() returns trigger
language plpgsql as $$
declare
    order_currency text;
begin
    select currency into order_currency from orders where order_id = new.order_id for key share;
    if order_currency <> new.currency then
        raise exception 'order % is in %, not in %', new.order_id, order_currency, new.currency
            using errcode = 'check_violation', constraint = tg_table_name || '_currency_is_the_orders';
    end if;
    return new;
end
$$;

create or replace function rules.currency_differences(only_order_id bigint default null)
returns table (rule text, key bigint, detail text)
language sql stable as $$
    select
        'payments_currency_is_the_orders', payments.payment_id,
        format('payment in %s, order in %s', payments.currency, orders.currency)
    from payments
    inner join orders on payments.order_id = orders.order_id
    where payments.currency <> orders.currency and (only_order_id is null or payments.order_id = only_order_id)

    union all

    select
        'order_returns_currency_is_the_orders', order_returns.return_id,
        format('return in %s, order in %s', order_returns.currency, orders.currency)
    from order_returns
    inner join orders on order_returns.order_id = orders.order_id
    where order_returns.currency <> orders.currency
        and (only_order_id is null or order_returns.order_id = only_order_id)

    union all

    select
        'payout_lines_currency_is_the_orders', payout_lines.payout_line_id,
        format('payout in %s, order in %s', payouts.currency, orders.currency)
    from payout_lines
    inner join payouts on payout_lines.payout_id = payouts.payout_id
    inner join orders on payout_lines.order_id = orders.order_id
    where payouts.currency <> orders.currency and (only_order_id is null or payout_lines.order_id = only_order_id)
$$;

comment on function rules.currency_differences(bigint) is
    'Payments, returns and payout lines (of the order asked for) in another currency than their order.';

create or replace function rules.refund_differences(only_order_id bigint default null)
returns table (order_id bigint, detail text)
language sql stable as $$
    with refunded as (
        select order_returns.order_id, sum(order_returns.refund_amount) as amount
        from order_returns
        where order_returns.status <> 'rejected'
            and (only_order_id is null or order_returns.order_id = only_order_id)
        group by order_returns.order_id
    ),

    received as (
        select payments.order_id, sum(payments.amount) as amount
        from payments
        where payments.status in ('captured', 'charged_back')
            and (only_order_id is null or payments.order_id = only_order_id)
        group by payments.order_id
    )

    select
        refunded.order_id,
        format('refunds of %s exceed received payments of %s', refunded.amount, coalesce(received.amount, 0))
    from refunded
    left join received on refunded.order_id = received.order_id
    where refunded.amount > coalesce(received.amount, 0)
$$;

comment on function rules.refund_differences(bigint) is
    'Orders (or the one asked for) whose refunds, rejected ones aside, exceed the payments received, charged-back ones '
    'included: a chargeback may follow a refund.';

create or replace function rules.refunds_stay_within_payments() returns trigger
language plpgsql as $$
declare
    checked_order_id bigint;
    difference record;
begin
    -- A payment or refund that moves to another order concerns both; the lower number first, so that two that move
    -- the opposite ways wait for each other in turn.
    for checked_order_id in
        select distinct ids.id from (values (old.order_id), (new.order_id)) as ids (id) where ids.id is not null
        order by ids.id
    loop
        -- Concurrent refunds of one order queue here, so that each sees the others.
        perform from orders where order_id = checked_order_id for no key update;
        select * into difference from rules.refund_differences(checked_order_id);
        if found then
            raise exception 'order %: %', difference.order_id, difference.detail
                using errcode = 'check_violation', constraint = 'order_returns_within_payments';
        end if;
    end loop;
    return null;
end
$$;

create or replace function rules.reporting_currency_is_one() returns trigger
language plpgsql as $$
declare
    other text;
begin
    select reporting_currency into other
    from fx_rates
    where reporting_currency <> new.reporting_currency
    limit 1;
    if found then
        raise exception 'this shop reports in %, not in %', other, new.reporting_currency
            using errcode = 'check_violation', constraint = 'fx_rates_one_reporting_currency';
    end if;
    return null;
end
$$;

create or replace function rules.in_reporting_currency(amount numeric, amount_currency text, at_time timestamptz)
returns numeric
language plpgsql stable as $$
declare
    converted numeric;
begin
    select round(amount * rate, 2) into converted
    from fx_rates
    where currency = amount_currency and rate_date <= (at_time at time zone 'UTC')::date
    order by rate_date desc
    limit 1;
    if not found then
        raise exception 'fx_rates has no rate for % on or before %', amount_currency, at_time::date
            using errcode = 'foreign_key_violation', constraint = 'fx_rates_cover_orders';
    end if;
    return converted;
end
$$;

comment on function rules.in_reporting_currency(numeric, text, timestamptz) is
    'An amount in the reporting currency at the latest rate on or before a day, rounded to cents.';

drop trigger if exists currency_of_order on payments;
create trigger currency_of_order before insert or update of currency, order_id on payments
for each row execute function rules.currency_is_the_orders();

drop trigger if exists currency_of_order on order_returns;
create trigger currency_of_order before insert or update of currency, order_id on order_returns
for each row execute function rules.currency_is_the_orders();

drop trigger if exists refunds_within_payments on order_returns;
create trigger refunds_within_payments after insert or update of refund_amount, status, order_id on order_returns
for each row execute function rules.refunds_stay_within_payments();

drop trigger if exists refunds_within_payments on payments;
create trigger refunds_within_payments after update of amount, status, order_id or delete on payments
for each row execute function rules.refunds_stay_within_payments();

drop trigger if exists one_reporting_currency on fx_rates;
create trigger one_reporting_currency after insert or update of reporting_currency on fx_rates
for each row execute function rules.reporting_currency_is_one();
