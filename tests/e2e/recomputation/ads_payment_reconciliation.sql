with announced as (
    select
        payouts.payer_type, l.payment_id, l.order_id,
        sum(l.gross_amount) as gross, sum(l.fee_amount) as fee,
        coalesce(sum(l.net_amount) filter (where payouts.status = 'paid'), 0) as transferred
    from payout_lines l join payouts using (payout_id)
    where payouts.payer_type <> 'platform'
    group by 1, 2, 3
),
refunds as (
    select order_id, sum(refund_amount) as amount, max(refunded_at) as refunded_at
    from order_returns where status = 'refunded' group by order_id
),
claims as (
    select
        'payment ' || p.payment_id as claim_id, 'gateway' as payer_type, p.gateway as payer, p.order_id, p.payment_id,
        coalesce(p.captured_at, p.attempted_at)::date as claim_date, p.currency,
        case p.status when 'captured' then p.amount else 0 end - coalesce(r.amount, 0) as expected_gross,
        p.fee_amount as expected_fee,
        a.gross, a.fee, a.transferred,
        greatest(coalesce(p.captured_at, p.attempted_at), p.charged_back_at, r.refunded_at)::date as last_date
    from payments p
        left join announced a on a.payer_type = 'gateway' and a.payment_id = p.payment_id
        left join refunds r on r.order_id = p.order_id and p.payment_id = (
            select min(payment_id) from payments f where f.order_id = p.order_id and f.status in ('captured', 'charged_back')
        )
    where p.gateway is not null and (p.status in ('captured', 'charged_back') or a.payment_id is not null)
    union all
    select
        'order ' || o.order_id, 'marketplace', o.channel, o.order_id, null, o.delivered_at::date, o.currency, o.total_amount, null,
        a.gross, a.fee, a.transferred, o.delivered_at::date
    from orders o left join announced a on a.payer_type = 'marketplace' and a.order_id = o.order_id
    where o.delivered_at is not null and o.channel in (select payer from payouts where payer_type = 'marketplace')
)
select
    claim_id, payer_type, payer, order_id, payment_id, claim_date, currency, expected_gross, expected_fee,
    coalesce(gross, 0) as announced_gross,
    coalesce(fee, 0) as announced_fee,
    coalesce(transferred, 0) as transferred_amount,
    coalesce(gross, 0) - expected_gross as gross_difference,
    coalesce(fee, 0) - expected_fee as fee_difference,
    case
        when coalesce(gross, 0) <> expected_gross and last_date > settings.today - settings.payout_grace_days then 'open'
        when gross is null then 'missing'
        when gross <> expected_gross then 'amount_differs'
        when fee <> expected_fee then 'fee_differs'
        when transferred <> gross - fee then 'announced'
        else 'settled'
    end as status
from claims cross join settings
