with receipts as (
    select
        p.order_id,
        p.payment_id,
        coalesce(p.captured_at, p.attempted_at)::date as event_date,
        round(p.amount * pg_temp.rate_on(p.currency, coalesce(p.captured_at, p.attempted_at)::date), 2) as amount
    from payments p join valued_orders o using (order_id)
    where p.status in ('captured', 'charged_back') and not o.is_test
),
movements as (
    select event_date, amount as receipts, 0 as refunds, 0 as chargebacks, 0 as purchases, 0 as orders, 0 as gmv
    from receipts
    union all
    select event_date, 0, 0, 0, 1, 0, 0
    from (select distinct on (order_id) event_date from receipts order by order_id, event_date, payment_id) first_receipts
    union all
    select event_date, 0, amount, amount, 0, 0, 0
    from (
        select
            p.charged_back_at::date as event_date,
            round(p.amount * pg_temp.rate_on(p.currency, p.charged_back_at::date), 2) as amount
        from payments p join valued_orders o using (order_id)
        where p.status = 'charged_back' and not o.is_test
    ) chargebacks
    union all
    select r.refunded_at::date, 0, round(r.refund_amount * pg_temp.rate_on(r.currency, r.refunded_at::date), 2), 0, 0, 0, 0
    from order_returns r join valued_orders o using (order_id)
    where r.status = 'refunded' and not o.is_test
    union all
    select order_date, 0, 0, 0, 0, 1, coalesce(gmv, 0)
    from valued_orders left join lines_per_order using (order_id)
    where is_gmv
)
select
    event_date,
    sum(receipts) as receipts,
    sum(refunds) as refunds,
    sum(chargebacks) as chargebacks,
    sum(receipts) - sum(refunds) as total_revenue,
    sum(purchases)::bigint as total_purchases,
    round((sum(receipts) - sum(refunds)) / nullif(sum(purchases), 0), 2) as revenue_per_purchase,
    sum(orders)::bigint as order_count,
    sum(gmv) as gmv,
    round(sum(gmv) / nullif(sum(orders), 0), 2) as avg_order_value
from movements
group by event_date
