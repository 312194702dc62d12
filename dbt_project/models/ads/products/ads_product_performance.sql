-- Grain: one row per product, over all time. Counts and amounts are additive, rates, ratings and ranks are not.
with items as (
    select product_id, order_id, order_date, is_gmv, quantity, line_amount_reporting, net_amount_reporting, gross_margin_reporting
    from {{ current_rows(ref('fact_order_items')) }}
    where is_gmv
),

sales as (
    select
        product_id,
        {{ distinct_count('order_id') }} as order_count,
        {{ as_type('sum(quantity)', 'bigint') }} as units_sold,
        {{ money_total('line_amount_reporting') }} as gmv,
        {{ as_type('sum(gross_margin_reporting)', 'decimal(18,2)') }} as gross_margin,
        {{ money_total('case when gross_margin_reporting is not null then net_amount_reporting end') }} as net_amount_with_cost,
        min(order_date) as first_sold_date,
        max(order_date) as last_sold_date
    from items
    group by product_id
),

returned as (
    select items.product_id as product_id, {{ distinct_count('order_returns.return_id') }} as return_count
    from {{ current_rows(ref('fact_returns')) }} as order_returns
    inner join {{ current_rows(ref('fact_order_items')) }} as items
        on
            order_returns.order_id = items.order_id
            and (order_returns.order_item_id = items.order_item_id or order_returns.order_item_id is null)
    where not order_returns.is_test
    group by items.product_id
),

real_orders as (
    select order_id
    from {{ current_rows(ref('fact_orders')) }}
    where not is_test
),

rated as (
    select
        product_id,
        {{ row_count() }} as review_count,
        {{ as_type(money_per('sum(rating)', 'count(*)'), 'decimal(3,2)') }} as rating_avg
    from {{ current_rows(ref('ods_reviews')) }}
    where product_id is not null and order_id in (select order_id from real_orders)
    group by product_id
)

select
    products.product_id as product_id,
    products.product_name as product_name,
    products.department as department,
    products.category as category,
    products.subcategory as subcategory,
    products.seller_id as seller_id,
    products.price_tier as price_tier,
    rated.rating_avg as rating_avg,
    coalesce(rated.review_count, 0) as review_count,
    coalesce(sales.order_count, 0) as order_count,
    coalesce(sales.units_sold, 0) as units_sold,
    {{ as_type('coalesce(sales.gmv, 0)', 'decimal(18,2)') }} as gmv,
    sales.gross_margin as gross_margin,
    100 * {{ ratio('sales.gross_margin', 'sales.net_amount_with_cost') }} as margin_pct,
    coalesce(returned.return_count, 0) as return_count,
    sales.first_sold_date as first_sold_date,
    sales.last_sold_date as last_sold_date,
    {{ as_type('rank() over (order by coalesce(sales.gmv, 0) desc)', 'bigint') }} as gmv_rank
from {{ ref('dim_product') }} as products
left join sales on products.product_id = sales.product_id
left join returned on products.product_id = returned.product_id
left join rated on products.product_id = rated.product_id
