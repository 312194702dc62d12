-- Grain: one row per seller, over all time. Counts and amounts are additive (an order of several sellers counts for
-- each), rates, durations, ratings and ranks are not.
with seller_orders as (
    select
        seller_id,
        order_id,
        sum(quantity) as quantity,
        sum(case when is_gmv then line_amount_reporting else 0 end) as gmv,
        sum(commission_reporting) as commission
    from {{ current_rows(ref('fact_order_items')) }}
    group by seller_id, order_id
),

performance as (
    select
        seller_orders.seller_id as seller_id,
        {{ row_count() }} as placed_order_count,
        {{ row_count('orders.is_gmv') }} as order_count,
        {{ row_count('orders.is_cancelled') }} as cancelled_order_count,
        {{ row_count('orders.is_delivered') }} as delivered_order_count,
        {{ row_count('orders.is_late') }} as late_order_count,
        {{ as_type('coalesce(sum(seller_orders.quantity) filter (where orders.is_gmv), 0)', 'bigint') }} as units_sold,
        {{ money_total('seller_orders.gmv') }} as gmv,
        {{ money_total('seller_orders.commission') }} as commission,
        {{ percentile('orders.fulfillment_days', 0.5) }} as median_fulfillment_days
    from seller_orders
    inner join {{ current_rows(ref('fact_orders')) }} as orders on seller_orders.order_id = orders.order_id
    where not orders.is_test
    group by seller_orders.seller_id
)

select
    sellers.seller_id as seller_id,
    sellers.seller_name as seller_name,
    sellers.tier as tier,
    sellers.country as country,
    sellers.state as state,
    sellers.city as city,
    coalesce(performance.placed_order_count, 0) as placed_order_count,
    coalesce(performance.order_count, 0) as order_count,
    coalesce(performance.units_sold, 0) as units_sold,
    {{ as_type('coalesce(performance.gmv, 0)', 'decimal(18,2)') }} as gmv,
    {{ as_type('coalesce(performance.commission, 0)', 'decimal(18,2)') }} as commission,
    {{ money_per('performance.gmv', 'performance.order_count') }} as avg_order_value,
    {{ ratio('performance.cancelled_order_count', 'performance.placed_order_count') }} as cancellation_rate,
    {{ ratio('performance.late_order_count', 'performance.delivered_order_count') }} as late_delivery_rate,
    performance.median_fulfillment_days as median_fulfillment_days,
    sellers.rating_avg as rating_avg,
    sellers.review_count as review_count,
    {{ as_type('rank() over (order by coalesce(performance.gmv, 0) desc)', 'bigint') }} as gmv_rank
from {{ ref('dim_seller') }} as sellers
left join performance on sellers.seller_id = performance.seller_id
