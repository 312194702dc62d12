-- Grain: one row per warehouse; stock as it is, delivery over all time. Counts are additive, rates and durations are not.
with stock as (
    select
        warehouse_id,
        {{ as_type('sum(quantity)', 'bigint') }} as piece_count,
        {{ row_count() }} as sku_count,
        {{ row_count('quantity <= 0') }} as stock_out_count,
        {{ row_count('quantity < safety_stock') }} as below_safety_stock_count
    from {{ current_rows(ref('ods_inventory')) }}
    group by warehouse_id
),

delivery as (
    select
        warehouse_id,
        {{ row_count() }} as shipment_count,
        {{ row_count('is_delivered') }} as delivered_count,
        {{ row_count('is_late') }} as late_count,
        {{ percentile('transit_days', 0.5) }} as median_delivery_days
    from {{ current_rows(ref('fact_shipments')) }}
    where warehouse_id is not null and not is_test
    group by warehouse_id
)

select
    warehouses.warehouse_id as warehouse_id,
    warehouses.warehouse_name as warehouse_name,
    warehouses.city as city,
    warehouses.country as country,
    warehouses.is_active as is_active,
    warehouses.capacity as capacity,
    coalesce(stock.piece_count, 0) as piece_count,
    {{ ratio('coalesce(stock.piece_count, 0)', 'warehouses.capacity') }} as utilization_rate,
    coalesce(stock.sku_count, 0) as sku_count,
    coalesce(stock.stock_out_count, 0) as stock_out_count,
    {{ ratio('stock.stock_out_count', 'stock.sku_count') }} as stock_out_rate,
    coalesce(stock.below_safety_stock_count, 0) as below_safety_stock_count,
    coalesce(delivery.shipment_count, 0) as shipment_count,
    coalesce(delivery.delivered_count, 0) as delivered_count,
    {{ ratio('delivery.late_count', 'delivery.delivered_count') }} as late_delivery_rate,
    delivery.median_delivery_days as median_delivery_days
from {{ current_rows(ref('ods_warehouses')) }} as warehouses
left join stock on warehouses.warehouse_id = stock.warehouse_id
left join delivery on warehouses.warehouse_id = delivery.warehouse_id
