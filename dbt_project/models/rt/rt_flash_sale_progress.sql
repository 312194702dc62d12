-- Grain: one row per flash sale that is under way, about to begin or over for less than a day. Counts are additive.
with sales as (
    select flash_sale_id, sku_id, sale_price, quota, sold_count, starts_at, ends_at
    from {{ state('state_flash_sales') }}
    where ends_at >= now64(6, 'UTC') - interval 1 day
),

products as (
    select skus.sku_id as sku_id, skus.product_id as product_id, products.product_name as product_name, products.currency as currency
    from {{ state('state_product_skus') }} as skus
    inner join {{ state('state_products') }} as products on skus.product_id = products.product_id
    where skus.sku_id in (select sku_id from sales)
)

select
    sales.flash_sale_id as flash_sale_id,
    sales.sku_id as sku_id,
    coalesce(products.product_name, '(unknown)') as product_name,
    coalesce(cast(products.currency as String), '') as currency,
    sales.sale_price as sale_price,
    {{ not_null('sales.quota', 'bigint') }} as quota,
    {{ not_null('sales.sold_count', 'bigint') }} as sold_count,
    {{ ratio('sales.sold_count', 'sales.quota') }} as sold_rate,
    sales.starts_at as starts_at,
    sales.ends_at as ends_at,
    cast(now64(6, 'UTC') between sales.starts_at and sales.ends_at as Bool) as is_running
from sales
left join products on sales.sku_id = products.sku_id
