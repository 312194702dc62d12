with daily as (
    select
        order_date,
        count(*) as placed_order_count,
        count(*) filter (where is_gmv) as order_count,
        count(*) filter (where status = 'cancelled') as cancelled_order_count,
        count(distinct user_id) filter (where is_gmv) as unique_buyers,
        coalesce(sum(item_count) filter (where is_gmv), 0)::bigint as item_count,
        coalesce(sum(gmv) filter (where is_gmv), 0) as gmv,
        coalesce(sum(net_gmv), 0) as net_gmv
    from valued_orders left join lines_per_order using (order_id)
    where not is_test
    group by order_date
)
select
    daily.order_date,
    reporting.currency,
    placed_order_count,
    order_count,
    cancelled_order_count,
    unique_buyers,
    item_count,
    gmv,
    net_gmv,
    round(gmv / nullif(order_count, 0), 2) as avg_order_value,
    cancelled_order_count::float8 / placed_order_count as cancellation_rate
from daily cross join reporting
