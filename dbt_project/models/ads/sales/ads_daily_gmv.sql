-- Grain: one row per day with orders. Counts and gmv are additive over days, unique_buyers and averages are not.
with orders as (
    select order_id, user_id, order_date, is_gmv, is_cancelled, item_count, gmv_amount_reporting, net_gmv_amount_reporting, reporting_currency
    from {{ current_rows(ref('fact_orders')) }}
    where not is_test
),

daily as (
    select
        order_date,
        max(reporting_currency) as currency,
        {{ row_count() }} as placed_order_count,
        {{ row_count('is_gmv') }} as order_count,
        {{ row_count('is_cancelled') }} as cancelled_order_count,
        {{ distinct_count('user_id', 'is_gmv') }} as unique_buyers,
        {{ as_type('coalesce(sum(item_count) filter (where is_gmv), 0)', 'bigint') }} as item_count,
        {{ money_total('gmv_amount_reporting') }} as gmv,
        {{ money_total('net_gmv_amount_reporting') }} as net_gmv
    from orders
    group by order_date
)

select
    {{ not_null('order_date') }} as order_date,
    currency,
    placed_order_count,
    order_count,
    cancelled_order_count,
    unique_buyers,
    item_count,
    gmv,
    net_gmv,
    {{ money_per('gmv', 'order_count') }} as avg_order_value,
    {{ ratio('cancelled_order_count', 'placed_order_count') }} as cancellation_rate
from daily
