with lines as (
    select
        i.order_item_id, i.order_id, i.seller_id, o.currency, i.quantity, o.is_test, o.delivered_at,
        i.unit_price * i.quantity - v.seller_discount as gross,
        v.commission_rate,
        case when o.currency = any (settings.currencies_without_cents) then 0 else 2 end as decimals
    from order_items i join valued_lines v using (order_item_id) join orders o on o.order_id = i.order_id cross join settings
),
claims as (
    select 'sale' as entry_type, order_item_id as number, order_item_id, order_id, seller_id, currency,
        delivered_at::date as entry_date, gross, round(gross * commission_rate, decimals) as commission
    from lines where delivered_at is not null and not is_test
    union all
    select 'refund', r.return_id, l.order_item_id, l.order_id, l.seller_id, l.currency, r.refunded_at::date,
        -round(gross * least(r.quantity, l.quantity) / l.quantity, 2),
        -round(round(gross * least(r.quantity, l.quantity) / l.quantity, 2) * commission_rate, decimals)
    from order_returns r join lines l using (order_item_id) where r.status = 'refunded' and not l.is_test
),
announced as (
    select
        case l.line_type when 'sale' then 'sale' else 'refund' end as entry_type,
        case l.line_type when 'sale' then l.order_item_id else l.return_id end as number,
        l.order_item_id, l.order_id, p.seller_id, p.currency, p.payout_id, p.period_starts_at::date as period_start_date,
        l.gross_amount, l.fee_amount, case p.status when 'paid' then l.net_amount else 0 end as transferred
    from payout_lines l join payouts p using (payout_id)
    where p.payer_type = 'platform'
)
select
    entry_type || ' ' || number as entry_id,
    coalesce(c.seller_id, a.seller_id) as seller_id,
    coalesce(c.order_id, a.order_id) as order_id,
    coalesce(c.order_item_id, a.order_item_id) as order_item_id,
    entry_type,
    coalesce(c.entry_date, a.period_start_date) as entry_date,
    a.payout_id,
    coalesce(c.currency, a.currency) as currency,
    coalesce(c.gross, 0) as due_gross,
    coalesce(c.commission, 0) as due_commission,
    coalesce(a.gross_amount, 0) as announced_gross,
    coalesce(a.fee_amount, 0) as announced_commission,
    coalesce(c.gross - c.commission, 0) as due_amount,
    coalesce(a.gross_amount - a.fee_amount, 0) as announced_amount,
    coalesce(a.transferred, 0) as transferred_amount,
    coalesce(c.gross - c.commission, 0) - coalesce(a.transferred, 0) as open_amount,
    case
        when c.number is null then 'unexpected'
        when a.number is null then case when c.entry_date > settings.today - settings.payout_grace_days then 'open' else 'missing' end
        when (c.gross, c.commission) <> (a.gross_amount, a.fee_amount) then 'differs'
        when a.transferred <> a.gross_amount - a.fee_amount then 'announced'
        else 'settled'
    end as status
from claims c full join announced a using (entry_type, number) cross join settings
