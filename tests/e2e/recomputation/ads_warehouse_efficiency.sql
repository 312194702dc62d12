with stock as (
    select
        warehouse_id,
        sum(quantity) as piece_count,
        count(*) as sku_count,
        count(*) filter (where quantity <= 0) as stock_out_count,
        count(*) filter (where quantity < safety_stock) as below_safety_stock_count
    from inventory
    group by warehouse_id
),
delivery as (
    select
        warehouse_id,
        count(*) as shipment_count,
        count(s.delivered_at) as delivered_count,
        count(*) filter (where s.delivered_at > s.estimated_delivery_at) as late_count,
        percentile_cont(0.5) within group (
            order by (extract(epoch from s.delivered_at - s.shipped_at)::numeric * 1000000)::bigint::float8 / 86400000000
        ) as median_delivery_days
    from shipments s join valued_orders o using (order_id)
    where not o.is_test
    group by warehouse_id
)
select
    w.warehouse_id,
    w.warehouse_name,
    w.city,
    w.country,
    w.is_active,
    w.capacity,
    coalesce(s.piece_count, 0) as piece_count,
    coalesce(s.piece_count, 0)::float8 / nullif(w.capacity, 0) as utilization_rate,
    coalesce(s.sku_count, 0) as sku_count,
    coalesce(s.stock_out_count, 0) as stock_out_count,
    s.stock_out_count::float8 / s.sku_count as stock_out_rate,
    coalesce(s.below_safety_stock_count, 0) as below_safety_stock_count,
    coalesce(d.shipment_count, 0) as shipment_count,
    coalesce(d.delivered_count, 0) as delivered_count,
    d.late_count::float8 / nullif(d.delivered_count, 0) as late_delivery_rate,
    d.median_delivery_days
from warehouses w
    left join stock s using (warehouse_id)
    left join delivery d using (warehouse_id)
