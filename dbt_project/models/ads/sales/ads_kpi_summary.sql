-- Grain: one row per period; the one period is all time. Nothing is additive.
with sales as (
    select
        max(currency) as currency,
        coalesce(sum(placed_order_count), 0) as placed_order_count,
        coalesce(sum(order_count), 0) as order_count,
        coalesce(sum(cancelled_order_count), 0) as cancelled_order_count,
        {{ money_total('gmv') }} as gmv
    from {{ ref('ads_daily_gmv') }}
),

movements as (
    select {{ money_total('total_revenue') }} as revenue
    from {{ ref('ads_revenue_daily') }}
),

visits as (
    select sum(dau_count) as visitor_day_count, sum(unique_buyers) as buyer_day_count
    from {{ ref('ads_conversion_rate_daily') }}
),

returned_orders as (
    select distinct order_id
    from {{ current_rows(ref('fact_returns')) }}
),

deliveries as (
    select
        {{ row_count() }} as delivered_order_count,
        {{ row_count('returned_orders.order_id is not null') }} as returned_order_count
    from {{ current_rows(ref('fact_orders')) }} as orders
    left join returned_orders on orders.order_id = returned_orders.order_id
    where orders.is_delivered and not orders.is_test
)

select
    {{ assume_not_null("'all_time'", 'text') }} as period,
    sales.currency as currency,
    {{ as_type('sales.placed_order_count', 'bigint') }} as placed_order_count,
    {{ as_type('sales.order_count', 'bigint') }} as order_count,
    sales.gmv as gmv,
    movements.revenue as revenue,
    {{ money_per('sales.gmv', 'sales.order_count') }} as avg_order_value,
    {{ ratio('visits.buyer_day_count', 'visits.visitor_day_count') }} as conversion_rate,
    {{ ratio('sales.cancelled_order_count', 'sales.placed_order_count') }} as cancellation_rate,
    {{ ratio('deliveries.returned_order_count', 'deliveries.delivered_order_count') }} as return_rate
from sales
cross join movements
cross join visits
cross join deliveries
