-- Grain: one row per hour (UTC) in which an order was placed. Counts and gmv are additive; unique_buyers and averages
-- are not.
with orders as (
    select {{ window_of('minute', 60) }} as hour, user_id, is_gmv, is_cancelled, gmv
    from {{ ref('valued_orders') }}
    where is_valued and not is_test
),

hourly as (
    select
        hour,
        {{ not_null(row_count('is_gmv'), 'bigint') }} as order_count,
        {{ not_null(money_total('gmv'), 'decimal(18,2)') }} as gmv,
        {{ not_null(distinct_count('user_id', 'is_gmv'), 'bigint') }} as unique_buyers,
        {{ not_null(row_count('is_cancelled'), 'bigint') }} as cancelled_order_count
    from orders
    group by hour
)

select
    hour,
    order_count,
    gmv,
    unique_buyers,
    cancelled_order_count,
    {{ money_per('gmv', 'order_count') }} as avg_order_value
from hourly
