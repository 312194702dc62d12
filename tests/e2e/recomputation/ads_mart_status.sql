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
    union all
    select 'campaign_spend', count(*) from campaign_spend cross join limits where spend_date > latest_date
),
of_lines as (select array['orders', 'order_items', 'order_returns'] as tables),
of_orders as (select tables || array['payments'] as tables from of_lines),
of_margins as (select tables || array['campaign_spend'] as tables from of_orders),
marts (mart, tables) as (
    select unnest(array[
        'ads_category_trends', 'ads_category_sales_daily', 'ads_inventory_health', 'ads_seller_settlement'
    ]), tables from of_lines
    union all
    select unnest(array[
        'ads_daily_gmv', 'ads_revenue_daily', 'ads_product_performance', 'ads_customer_rfm', 'ads_seller_scorecard',
        'ads_cohort_retention', 'ads_returns', 'ads_geo_sales'
    ]), tables from of_orders
    union all
    select unnest(array[
        'ads_contribution_margin', 'ads_contribution_margin_by_channel', 'ads_contribution_margin_by_sku',
        'ads_customer_ltv', 'ads_voucher_effect', 'ads_flash_sale'
    ]), tables from of_margins
    union all
    select unnest(array['ads_kpi_summary', 'ads_customer_churn']), tables || array['user_events'] from of_orders
    union all
    select 'ads_attribution', tables || array['user_events'] from of_margins
    union all
    select unnest(array['ads_conversion_rate_daily', 'ads_events_by_source_daily', 'ads_funnel_daily']), array['user_events']
    union all
    select 'ads_payment_reconciliation', array['orders', 'payments', 'order_returns']
    union all
    select 'ads_shipping_sla', array['orders', 'order_items']
    union all
    select 'ads_warehouse_efficiency', array['orders']
    union all
    select 'ads_cart_abandonment_daily', array[]::text[]
)
select mart, coalesce(sum(row_count), 0)::bigint as excluded_row_count
from marts left join excluded on table_name = any(tables)
group by mart
