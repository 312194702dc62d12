-- Grain: one row per month and place that orders are sent to. Counts of orders and amounts are additive; buyers, averages and
-- rates are not.
with addresses as (
    select order_id, ship_to_country, ship_to_state, ship_to_city
    from {{ current_rows(ref('ods_orders')) }}
),

orders as (
    select
        {{ start_of('month', 'orders.order_date') }} as order_month,
        coalesce(places.country, addresses.ship_to_country) as country,
        coalesce(places.state, addresses.ship_to_state, 'unknown') as state,
        coalesce(places.city, addresses.ship_to_city, 'unknown') as city,
        places.latitude as latitude,
        places.longitude as longitude,
        orders.user_id as user_id,
        orders.gmv_amount_reporting as gmv,
        orders.net_gmv_amount_reporting as net_gmv,
        orders.is_delivered as is_delivered,
        orders.is_late as is_late,
        orders.fulfillment_days as fulfillment_days
    from {{ current_rows(ref('fact_orders')) }} as orders
    inner join addresses on orders.order_id = addresses.order_id
    left join {{ ref('dim_geography') }} as places on orders.ship_to_geography_id = places.geography_id
    where orders.is_gmv
),

monthly as (
    select
        order_month,
        country,
        state,
        city,
        {{ row_count() }} as order_count,
        {{ distinct_count('user_id') }} as unique_buyers,
        {{ money_total('gmv') }} as gmv,
        {{ money_total('net_gmv') }} as net_gmv,
        {{ row_count('is_delivered') }} as delivered_order_count,
        {{ row_count('is_late') }} as late_order_count,
        {{ percentile('fulfillment_days', 0.5) }} as median_fulfillment_days,
        {{ percentile('latitude', 0.5) }} as latitude,
        {{ percentile('longitude', 0.5) }} as longitude
    from orders
    group by order_month, country, state, city
)

select
    {{ not_null('order_month') }} as order_month,
    {{ not_null('country', 'text') }} as country,
    {{ assume_not_null('state', 'text') }} as state,
    {{ assume_not_null('city', 'text') }} as city,
    order_count,
    unique_buyers,
    gmv,
    net_gmv,
    {{ money_per('gmv', 'order_count') }} as avg_order_value,
    delivered_order_count,
    late_order_count,
    {{ ratio('late_order_count', 'delivered_order_count') }} as late_delivery_rate,
    median_fulfillment_days,
    latitude,
    longitude
from monthly
