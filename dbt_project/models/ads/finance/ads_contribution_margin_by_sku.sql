-- Grain: one row per SKU sold, over all time. Counts and amounts are additive, the rate is not.
with margins as (
    select *
    from {{ ref('ads_contribution_margin') }}
    where sku_id is not null
),

totals as (
    select
        sku_id,
        max(product_id) as product_id,
        {{ distinct_count('order_id') }} as order_count,
        {{ as_type('sum(units)', 'bigint') }} as units,
        {% for amount in margin_amounts() -%}
        {{ money_total(amount) }} as {{ amount }},
        {% endfor -%}
        {{ row_count('cost_of_goods is null') }} as line_count_without_cost
    from margins
    group by sku_id
)

select
    {{ assume_not_null('totals.sku_id') }} as sku_id,
    skus.sku_code as sku_code,
    totals.product_id as product_id,
    products.product_name as product_name,
    products.department as department,
    products.category as category,
    products.seller_id as seller_id,
    totals.order_count as order_count,
    totals.units as units,
    {% for amount in margin_amounts() -%}
    totals.{{ amount }} as {{ amount }},
    {% endfor -%}
    {{ ratio('totals.contribution_margin', 'totals.goods_amount') }} as contribution_margin_rate,
    totals.line_count_without_cost as line_count_without_cost
from totals
left join {{ current_rows(ref('ods_product_skus')) }} as skus on totals.sku_id = skus.sku_id
left join {{ ref('dim_product') }} as products on totals.product_id = products.product_id
