-- Grain: one row per order that has been pending for more than half an hour. minutes_pending is not additive.
with orders as (
    select order_id, ordered_at, user_id, city, channel, total_amount
    from {{ ref('valued_orders') }}
    where status = 'pending' and not is_test and minute <= now() - interval {{ var('rt_stuck_minutes') }} minute
)

select
    order_id,
    ordered_at,
    {{ not_null("dateDiff('minute', ordered_at, now64(6, 'UTC'))", 'bigint') }} as minutes_pending,
    user_id,
    city,
    channel,
    total_amount
from orders
where ordered_at < now64(6, 'UTC') - interval {{ var('rt_stuck_minutes') }} minute
