-- Grain: one row per minute, city and channel in which an order was placed. Counts and gmv are additive; unique_buyers
-- is not.
with orders as (
    select minute, city, channel, user_id, is_gmv, is_cancelled, gmv
    from {{ ref('valued_orders') }}
    where is_valued and not is_test
)

select
    minute,
    city,
    channel,
    {{ not_null(row_count('is_gmv'), 'bigint') }} as order_count,
    {{ not_null(money_total('gmv'), 'decimal(18,2)') }} as gmv,
    {{ not_null(distinct_count('user_id', 'is_gmv'), 'bigint') }} as unique_buyers,
    {{ not_null(row_count('is_cancelled'), 'bigint') }} as cancelled_order_count
from orders
group by minute, city, channel
