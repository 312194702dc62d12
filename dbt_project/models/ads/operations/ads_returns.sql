-- Grain: one row per month of delivery, department and category. Units, amounts and requests are additive (a request for a
-- whole order counts in each of its categories), the rate is not.
{% set reasons = ['defective', 'wrong_item', 'not_as_described', 'late', 'changed_mind', 'other'] %}
with delivered as (
    select
        items.order_item_id as order_item_id,
        items.order_id as order_id,
        items.quantity as quantity,
        items.returned_quantity as returned_quantity,
        {{ money_per('items.line_amount_reporting * items.returned_quantity', 'items.quantity') }} as returned_amount,
        {{ start_of('month', day_of('orders.delivered_at')) }} as delivery_month,
        products.department as department,
        coalesce(products.category, products.department) as category
    from {{ current_rows(ref('fact_order_items')) }} as items
    inner join {{ current_rows(ref('fact_orders')) }} as orders on items.order_id = orders.order_id
    inner join {{ ref('dim_product') }} as products on items.product_id = products.product_id
    where items.is_gmv and orders.is_delivered
),

sold as (
    select
        delivery_month,
        department,
        category,
        {{ as_type('sum(quantity)', 'bigint') }} as delivered_units,
        {{ as_type('sum(returned_quantity)', 'bigint') }} as returned_units,
        {{ money_total('returned_amount') }} as returned_amount
    from delivered
    group by delivery_month, department, category
),

requests as (
    select distinct
        delivered.delivery_month as delivery_month,
        delivered.department as department,
        delivered.category as category,
        order_returns.return_id as return_id,
        order_returns.reason as reason,
        order_returns.status as status
    from {{ current_rows(ref('fact_returns')) }} as order_returns
    inner join delivered
        on
            order_returns.order_id = delivered.order_id
            and (order_returns.order_item_id = delivered.order_item_id or order_returns.order_item_id is null)
),

requested as (
    select
        delivery_month,
        department,
        category,
        {{ row_count() }} as request_count,
        {% for reason in reasons -%}
        {{ row_count("reason = '" ~ reason ~ "'") }} as {{ reason }}_count,
        {% endfor -%}
        {{ row_count("status = 'rejected'") }} as rejected_count
    from requests
    group by delivery_month, department, category
)

select
    {{ not_null('sold.delivery_month') }} as delivery_month,
    {{ not_null('sold.department') }} as department,
    {{ not_null('sold.category') }} as category,
    sold.delivered_units as delivered_units,
    sold.returned_units as returned_units,
    {{ ratio('sold.returned_units', 'sold.delivered_units') }} as return_rate,
    sold.returned_amount as returned_amount,
    coalesce(requested.request_count, 0) as request_count,
    {% for reason in reasons -%}
    coalesce(requested.{{ reason }}_count, 0) as {{ reason }}_count,
    {% endfor -%}
    coalesce(requested.rejected_count, 0) as rejected_count
from sold
left join requested
    on
        sold.delivery_month = requested.delivery_month
        and sold.department = requested.department
        and sold.category = requested.category
