-- Payouts: amounts are the sums of their lines, and a line refers to one order in the payout's currency.

create or replace function rules.payout_differences(only_payout_id bigint default null)
returns table (payout_id bigint, detail text)
language sql stable as $$
    select
        payouts.payout_id,
        format(
            'gross %s, fee %s; its lines give %s, %s',
            payouts.gross_amount, payouts.fee_amount,
            coalesce(sum(lines.gross_amount), 0), coalesce(sum(lines.fee_amount), 0)
        )
    from payouts
    left join payout_lines as lines on payouts.payout_id = lines.payout_id
    where only_payout_id is null or payouts.payout_id = only_payout_id
    group by payouts.payout_id
    having
        payouts.gross_amount <> coalesce(sum(lines.gross_amount), 0)
        or payouts.fee_amount <> coalesce(sum(lines.fee_amount), 0)
$$;

comment on function rules.payout_differences(bigint) is
    'Payouts (or the one asked for) whose amounts are not the sums of their lines.';

create or replace function rules.payout_equals_its_lines() returns trigger
language plpgsql as $$
declare
    checked_payout_id bigint;
    difference record;
begin
    for checked_payout_id in
        select distinct ids.id from (values (old.payout_id), (new.payout_id)) as ids (id) where ids.id is not null
    loop
        select * into difference from rules.payout_differences(checked_payout_id);
        if found then
            raise exception 'payout %: %', difference.payout_id, difference.detail
                using errcode = 'check_violation', constraint = 'payouts_equal_their_lines';
        end if;
    end loop;
    return null;
end
$$;

create or replace function rules.payout_line_differences(only_payout_line_id bigint default null)
returns table (payout_line_id bigint, detail text)
language sql stable as $$
    select
        lines.payout_line_id,
        format('payout line %s: its item, payment or return is not of order %s', lines.payout_line_id, lines.order_id)
    from payout_lines as lines
    left join order_items on lines.order_item_id = order_items.order_item_id
    left join payments on lines.payment_id = payments.payment_id
    left join order_returns on lines.return_id = order_returns.return_id
    where (only_payout_line_id is null or lines.payout_line_id = only_payout_line_id)
        and (
            order_items.order_id <> lines.order_id
            or payments.order_id <> lines.order_id
            or order_returns.order_id <> lines.order_id
        )
$$;

comment on function rules.payout_line_differences(bigint) is
    'Payout lines (or the one asked for) that refer to rows of another order.';

create or replace function rules.payout_line_fits_its_order() returns trigger
language plpgsql as $$
declare
    order_currency text;
    payout_currency text;
    difference record;
begin
    select currency into order_currency from orders where order_id = new.order_id for key share;
    select currency into payout_currency from payouts where payout_id = new.payout_id for key share;
    if order_currency <> payout_currency then
        raise exception 'order % is in %, payout % in %', new.order_id, order_currency, new.payout_id, payout_currency
            using errcode = 'check_violation', constraint = 'payout_lines_currency_is_the_orders';
    end if;
    select * into difference from rules.payout_line_differences(new.payout_line_id);
    if found then
        raise exception '%', difference.detail
            using errcode = 'check_violation', constraint = 'payout_lines_refer_to_one_order';
    end if;
    return null;
end
$$;

create or replace function rules.paid_out_row_keeps_its_order() returns trigger
language plpgsql as $$
begin
    if exists (
        select from payout_lines
        where case tg_table_name
            when 'payments' then payment_id = (to_jsonb(new) ->> 'payment_id')::bigint
            else return_id = (to_jsonb(new) ->> 'return_id')::bigint
        end
    ) then
        raise exception 'it is part of a payout for order %, so it cannot move to another order', old.order_id
            using errcode = 'check_violation', constraint = 'payout_lines_refer_to_one_order';
    end if;
    return null;
end
$$;

create or replace function rules.payout_keeps_its_currency() returns trigger
language plpgsql as $$
begin
    perform from payouts where payout_id = new.payout_id for update;
    if exists (select from payout_lines where payout_id = new.payout_id) then
        raise exception 'payout % has lines in %, so its currency cannot change', new.payout_id, old.currency
            using errcode = 'check_violation', constraint = 'payout_lines_currency_is_the_orders';
    end if;
    return null;
end
$$;

drop trigger if exists equals_lines on payouts;
create constraint trigger equals_lines after insert or update on payouts
deferrable initially deferred for each row execute function rules.payout_equals_its_lines();

drop trigger if exists equals_payout on payout_lines;
create constraint trigger equals_payout after insert or update or delete on payout_lines
deferrable initially deferred for each row execute function rules.payout_equals_its_lines();

drop trigger if exists fits_its_order on payout_lines;
create trigger fits_its_order
after insert or update of payout_id, order_id, order_item_id, payment_id, return_id on payout_lines
for each row execute function rules.payout_line_fits_its_order();

drop trigger if exists keeps_currency on payouts;
create trigger keeps_currency after update of currency on payouts
for each row when (old.currency <> new.currency) execute function rules.payout_keeps_its_currency();

drop trigger if exists keeps_order_of_paid_out on payments;
create trigger keeps_order_of_paid_out after update of order_id on payments
for each row when (old.order_id <> new.order_id) execute function rules.paid_out_row_keeps_its_order();

drop trigger if exists keeps_order_of_paid_out on order_returns;
create trigger keeps_order_of_paid_out after update of order_id on order_returns
for each row when (old.order_id <> new.order_id) execute function rules.paid_out_row_keeps_its_order();
