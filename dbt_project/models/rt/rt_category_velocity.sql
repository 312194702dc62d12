-- Grain: one row per 5 minutes, department and category in which something was sold. units_sold and gmv are additive;
-- order_count is not (an order of several categories counts in each).
with lines as (
    select
        {{ window_of('minute', 5) }} as window_start,
        order_id,
        arrayJoin(lines) as line,
        rate
    from {{ ref('valued_orders') }}
    where is_valued and is_gmv
),

amounts as (
    select
        window_start,
        order_id,
        tupleElement(line, 'product_id') as product_id,
        tupleElement(line, 'quantity') as quantity,
        {{ money_times('line.line_amount', 'rate') }} as amount
    from lines
),

products as (
    select product_id, department, category from {{ ref('product_categories') }}
),

sold as (
    select
        amounts.window_start as window_start,
        amounts.order_id as order_id,
        coalesce(products.department, 'unclassified') as department,
        coalesce(products.category, 'unclassified') as category,
        amounts.quantity as quantity,
        amounts.amount as amount
    from amounts
    left join products on amounts.product_id = products.product_id
)

select
    window_start,
    department,
    category,
    {{ not_null(distinct_count('order_id'), 'bigint') }} as order_count,
    {{ not_null('sum(quantity)', 'bigint') }} as units_sold,
    {{ not_null(money_total('amount'), 'decimal(18,2)') }} as gmv
from sold
group by window_start, department, category
