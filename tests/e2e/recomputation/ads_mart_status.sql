with limits as (select now()::date + interval '2 years' as latest_date),
excluded_orders as (
    select order_id from valued_orders cross join limits where rate is null or order_date > latest_date
),
excluded as (
    select 'orders' as table_name, count(*) as row_count from excluded_orders
    union all
    select 'order_items', count(*) from order_items where order_id in (select order_id from excluded_orders)
    union all
    select 'payments', count(*)
    from payments cross join limits
    where order_id in (select order_id from excluded_orders) or coalesce(captured_at, attempted_at) > latest_date
    union all
    select 'order_returns', count(*)
    from order_returns cross join limits
    where order_id in (select order_id from excluded_orders) or refunded_at > latest_date
    union all
    select 'user_events', count(*) from user_events cross join limits where occurred_at > latest_date
),
marts (mart, tables) as (
    values
    ('ads_daily_gmv', array['orders', 'order_items', 'payments', 'order_returns']),
    ('ads_kpi_summary', array['orders', 'order_items', 'payments', 'order_returns', 'user_events']),
    ('ads_revenue_daily', array['orders', 'order_items', 'payments', 'order_returns']),
    ('ads_product_performance', array['orders', 'order_items', 'payments', 'order_returns']),
    ('ads_category_trends', array['orders', 'order_items']),
    ('ads_customer_rfm', array['orders', 'order_items', 'payments', 'order_returns']),
    ('ads_seller_scorecard', array['orders', 'order_items', 'payments', 'order_returns']),
    ('ads_conversion_rate_daily', array['user_events']),
    ('ads_warehouse_efficiency', array['warehouses', 'inventory', 'shipments'])
)
select mart, coalesce(sum(row_count), 0)::bigint as excluded_row_count
from marts left join excluded on table_name = any(tables)
group by mart
