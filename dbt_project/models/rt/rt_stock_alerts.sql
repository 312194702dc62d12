-- Grain: one row per SKU and warehouse that is short of stock. Quantities are additive, hours_left is not.
with short as (
    select sku_id, warehouse_id, quantity, safety_stock, reorder_point
    from {{ state('state_inventory') }}
    where quantity < safety_stock or quantity < {{ var('rt_low_stock_pieces') }}
),

outflow as (
    select
        sku_id,
        warehouse_id,
        sumIf(-quantity_change, moved_at >= now64(6, 'UTC') - interval 1 hour) as outflow_1h,
        sum(-quantity_change) as outflow_24h
    from {{ state('state_inventory_log') }}
    where
        minute >= now() - interval 1441 minute
        and moved_at >= now64(6, 'UTC') - interval 1 day
        and movement_type in ('sale', 'transfer_out', 'write_off')
    group by sku_id, warehouse_id
),

products as (
    select skus.sku_id as sku_id, skus.sku_code as sku_code, products.product_name as product_name
    from {{ state('state_product_skus') }} as skus
    inner join {{ state('state_products') }} as products on skus.product_id = products.product_id
)

select
    short.sku_id as sku_id,
    short.warehouse_id as warehouse_id,
    coalesce(products.sku_code, '') as sku_code,
    coalesce(products.product_name, '(unknown)') as product_name,
    coalesce(warehouses.warehouse_name, '(unknown)') as warehouse_name,
    {{ not_null('short.quantity', 'bigint') }} as quantity,
    {{ not_null('short.safety_stock', 'bigint') }} as safety_stock,
    {{ not_null('short.reorder_point', 'bigint') }} as reorder_point,
    cast(short.quantity < short.safety_stock as Bool) as is_below_safety_stock,
    cast(short.quantity < {{ var('rt_low_stock_pieces') }} as Bool) as is_low,
    {{ not_null('coalesce(outflow.outflow_1h, 0)', 'bigint') }} as outflow_1h,
    {{ not_null('coalesce(outflow.outflow_24h, 0)', 'bigint') }} as outflow_24h,
    {{ ratio('short.quantity', 'outflow.outflow_1h') }} as hours_left
from short
left join outflow on short.sku_id = outflow.sku_id and short.warehouse_id = outflow.warehouse_id
left join products on short.sku_id = products.sku_id
left join {{ state('state_warehouses') }} as warehouses on short.warehouse_id = warehouses.warehouse_id
