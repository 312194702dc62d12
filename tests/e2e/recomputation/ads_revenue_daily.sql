with receipts as (
    select
        p.order_id,
        coalesce(p.captured_at, p.attempted_at)::date as event_date,
        round(p.amount * o.rate, 2) as amount,
        p.payment_id
    from payments p join valued_orders o using (order_id)
    where p.status = 'captured' and not o.is_test
),
first_receipts as (
    select distinct on (order_id) order_id, event_date from receipts order by order_id, event_date, payment_id
),
movements as (
    select event_date, amount, 0 as purchases from receipts
    union all
    select event_date, 0, 1 from first_receipts
    union all
    select r.refunded_at::date, -round(r.refund_amount * o.rate, 2), 0
    from order_returns r join valued_orders o using (order_id)
    where r.status = 'refunded' and not o.is_test
)
select
    event_date,
    sum(amount) as total_revenue,
    sum(purchases)::bigint as total_purchases,
    round(sum(amount) / nullif(sum(purchases), 0), 2) as avg_order_value
from movements
group by event_date
