with orders_placed as (
    select
        count(*) as placed_order_count,
        count(*) filter (where is_gmv) as order_count,
        count(*) filter (where status = 'cancelled') as cancelled_order_count,
        count(*) filter (where delivered_at is not null) as delivered_order_count,
        count(*) filter (
            where delivered_at is not null and order_id in (select order_id from order_returns)
        ) as returned_order_count,
        coalesce(sum(gmv) filter (where is_gmv), 0) as gmv
    from valued_orders left join lines_per_order using (order_id)
    where not is_test
),
money as (
    select
        coalesce((
            select sum(round(p.amount * pg_temp.rate_on(p.currency, coalesce(p.captured_at, p.attempted_at)::date), 2))
            from payments p join valued_orders o using (order_id)
            where p.status in ('captured', 'charged_back') and not o.is_test
        ), 0) - coalesce((
            select sum(round(r.refund_amount * pg_temp.rate_on(r.currency, r.refunded_at::date), 2))
            from order_returns r join valued_orders o using (order_id)
            where r.status = 'refunded' and not o.is_test
        ), 0) - coalesce((
            select sum(round(p.amount * pg_temp.rate_on(p.currency, p.charged_back_at::date), 2))
            from payments p join valued_orders o using (order_id)
            where p.status = 'charged_back' and not o.is_test
        ), 0) as revenue
),
visits as (
    select sum(visitors) as visitors, sum(buyers) as buyers
    from (
        select
            count(distinct coalesce(user_id::text, device_fingerprint, session_id)) as visitors,
            count(distinct user_id) filter (where event_type = 'purchase') as buyers
        from counted_events
        group by occurred_at::date
    ) days
)
select
    'all_time' as period,
    case when placed_order_count > 0 then reporting.currency end as currency,
    placed_order_count,
    order_count,
    gmv,
    revenue,
    round(gmv / nullif(order_count, 0), 2) as avg_order_value,
    buyers::float8 / nullif(visitors::float8, 0) as conversion_rate,
    cancelled_order_count::float8 / nullif(placed_order_count, 0) as cancellation_rate,
    returned_order_count::float8 / nullif(delivered_order_count, 0) as return_rate
from orders_placed cross join money cross join visits cross join reporting
