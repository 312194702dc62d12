-- Grain: one row per flash sale of a SKU. Counts and amounts are additive (buyers of several sales count in each), rates are
-- not.
with sales as (
    select
        flash_sale_id,
        sku_id,
        campaign_id,
        sale_price,
        quota,
        starts_at,
        ends_at,
        {{ day_of('starts_at') }} as start_date,
        {{ elapsed_days('starts_at', 'ends_at') }} as duration_days
    from {{ current_rows(ref('ods_flash_sales')) }}
),

prices as (
    select sku_id, valid_from, valid_to, price
    from {{ current_rows(ref('dim_sku_history')) }}
),

items as (
    select order_item_id, order_id, user_id, sku_id, flash_sale_id, quantity, order_date, line_amount_reporting as gmv
    from {{ current_rows(ref('fact_order_items')) }}
    where is_gmv
),

numbered_orders as (
    select order_id, user_id, row_number() over (partition by user_id order by ordered_at, order_id) as order_number
    from {{ current_rows(ref('fact_orders')) }}
    where is_gmv
),

sold as (
    select
        items.flash_sale_id as flash_sale_id,
        {{ as_type('sum(items.quantity)', 'bigint') }} as units_sold,
        {{ distinct_count('items.order_id') }} as order_count,
        {{ distinct_count('items.user_id') }} as unique_buyers,
        {{ distinct_count('case when orders.order_number = 1 then orders.user_id end') }} as new_buyer_count,
        {{ money_total('items.gmv') }} as gmv,
        {{ money_total('margins.contribution_margin') }} as contribution_margin
    from items
    inner join {{ ref('ads_contribution_margin') }} as margins on items.order_item_id = margins.order_item_id
    inner join numbered_orders as orders on items.order_id = orders.order_id
    where items.flash_sale_id is not null
    group by items.flash_sale_id
),

-- The same SKU's pieces of the 28 days before.
usual as (
    select sales.flash_sale_id as flash_sale_id, {{ as_type('sum(items.quantity)', 'bigint') }} as units
    from sales
    inner join items on sales.sku_id = items.sku_id
    where items.order_date < sales.start_date and items.order_date >= {{ days_before('sales.start_date', 28) }}
    group by sales.flash_sale_id
)

select
    {{ assume_not_null('sales.flash_sale_id') }} as flash_sale_id,
    sales.sku_id as sku_id,
    skus.product_id as product_id,
    products.product_name as product_name,
    sales.campaign_id as campaign_id,
    sales.starts_at as starts_at,
    sales.ends_at as ends_at,
    sales.start_date as start_date,
    products.currency as currency,
    sales.sale_price as sale_price,
    prices.price as list_price,
    {{ ratio('prices.price - sales.sale_price', 'prices.price') }} as discount_rate,
    {{ as_type('sales.quota', 'bigint') }} as quota,
    coalesce(sold.units_sold, 0) as units_sold,
    {{ ratio('coalesce(sold.units_sold, 0)', 'sales.quota') }} as sold_rate,
    coalesce(sold.order_count, 0) as order_count,
    coalesce(sold.unique_buyers, 0) as unique_buyers,
    coalesce(sold.new_buyer_count, 0) as new_buyer_count,
    {{ as_type('coalesce(sold.gmv, 0)', 'decimal(18,2)') }} as gmv,
    {{ as_type('coalesce(sold.contribution_margin, 0)', 'decimal(18,2)') }} as contribution_margin,
    {{ ratio('coalesce(sold.units_sold, 0)', 'sales.duration_days') }} as daily_units,
    {{ ratio('coalesce(usual.units, 0)', 28) }} as usual_daily_units
from sales
left join prices on sales.sku_id = prices.sku_id and {{ held_at('prices', 'sales.starts_at') }}
left join sold on sales.flash_sale_id = sold.flash_sale_id
left join usual on sales.flash_sale_id = usual.flash_sale_id
left join {{ current_rows(ref('ods_product_skus')) }} as skus on sales.sku_id = skus.sku_id
left join {{ ref('dim_product') }} as products on skus.product_id = products.product_id
