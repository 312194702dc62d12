-- Grain: one row per day of the shop, department and category with sales. Units and revenue are additive (an order of several
-- categories counts for each).
with items as (
    select
        items.order_date as event_date,
        products.department as department,
        coalesce(products.category, products.department) as category,
        items.order_id as order_id,
        items.quantity as quantity,
        items.line_amount_reporting as revenue
    from {{ current_rows(ref('fact_order_items')) }} as items
    inner join {{ ref('dim_product') }} as products on items.product_id = products.product_id
    where items.is_gmv
)

select
    {{ not_null('event_date') }} as event_date,
    {{ not_null('department') }} as department,
    {{ not_null('category') }} as category,
    {{ distinct_count('order_id') }} as order_count,
    {{ as_type('sum(quantity)', 'bigint') }} as units_sold,
    {{ money_total('revenue') }} as category_revenue
from items
group by event_date, department, category
