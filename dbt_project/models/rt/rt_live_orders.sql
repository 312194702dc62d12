-- Grain: one row per order, the latest hundred of the last day. total_amount is additive.
select
    order_id,
    ordered_at,
    city,
    channel,
    status,
    total_amount
from {{ ref('valued_orders') }}
where not is_test and minute >= now() - interval 1 day
order by ordered_at desc, order_id desc
limit 100
