-- Grain: one row per month, department and category with sales. Counts and amounts are additive (an order of several
-- categories counts for each), growth is not.
with items as (
    select
        items.order_id as order_id,
        items.quantity as quantity,
        items.line_amount_reporting as line_amount_reporting,
        products.department as department,
        coalesce(products.category, products.department) as category,
        {{ start_of('month', 'items.order_date') }} as month_start_date,
        {{ date_part_of('day_of_month', 'items.order_date') }} <= {{ date_part_of('day_of_month', today_of_shop()) }} as is_to_date
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
        {{ money_total('line_amount_reporting') }} as gmv,
        {{ money_total('case when is_to_date then line_amount_reporting end') }} as gmv_to_date
    from items
    group by month_start_date, department, category
),

compared as (
    select
        current_month.month_start_date as month_start_date,
        current_month.department as department,
        current_month.category as category,
        current_month.month_start_date = {{ start_of('month', today_of_shop()) }} as is_in_progress,
        current_month.order_count as order_count,
        current_month.units_sold as units_sold,
        current_month.gmv as gmv,
        case
            when current_month.month_start_date = {{ start_of('month', today_of_shop()) }} then previous_month.gmv_to_date
            else previous_month.gmv
        end as previous_month_gmv
    from monthly as current_month
    left join monthly as previous_month
        on
            current_month.department = previous_month.department
            and current_month.category = previous_month.category
            and current_month.month_start_date = {{ next_month('previous_month.month_start_date') }}
)

select
    {{ not_null('month_start_date') }} as month_start_date,
    {{ not_null('department') }} as department,
    {{ not_null('category') }} as category,
    {{ as_type('is_in_progress', 'boolean') }} as is_in_progress,
    order_count,
    units_sold,
    gmv,
    previous_month_gmv,
    {{ ratio('gmv - previous_month_gmv', 'previous_month_gmv') }} as gmv_growth_rate
from compared
