-- Grain: one row per month, department and category with sales. Counts and amounts are additive (an order of several
-- categories counts for each), growth is not.
with items as (
    select
        items.order_id as order_id,
        items.quantity as quantity,
        items.line_amount_reporting as line_amount_reporting,
        products.department as department,
        coalesce(products.category, products.department) as category,
        {{ start_of('month', 'items.order_date') }} as month_start_date
    from {{ current_rows(ref('fact_order_items')) }} as items
    inner join {{ ref('dim_product') }} as products on items.product_id = products.product_id
    where items.is_gmv
),

monthly as (
    select
        month_start_date,
        department,
        category,
        {{ distinct_count('order_id') }} as order_count,
        {{ as_type('sum(quantity)', 'bigint') }} as units_sold,
        {{ money_total('line_amount_reporting') }} as gmv
    from items
    group by month_start_date, department, category
)

select
    {{ not_null('current_month.month_start_date') }} as month_start_date,
    {{ not_null('current_month.department') }} as department,
    {{ not_null('current_month.category') }} as category,
    current_month.order_count as order_count,
    current_month.units_sold as units_sold,
    current_month.gmv as gmv,
    previous_month.gmv as previous_month_gmv,
    {{ ratio('current_month.gmv - previous_month.gmv', 'previous_month.gmv') }} as gmv_growth_rate
from monthly as current_month
left join monthly as previous_month
    on
        current_month.department = previous_month.department
        and current_month.category = previous_month.category
        and current_month.month_start_date = {{ next_month('previous_month.month_start_date') }}
