-- Grain: one row per day on which parcels were shipped, carrier and place that they were shipped from. Counts are additive,
-- rates and durations are not.
with limits as (
    select order_id, min(ship_by_at) as ship_by_at
    from {{ current_rows(ref('ods_order_items')) }}
    group by order_id
),

shipments as (
    select
        shipments.shipped_date as shipped_date,
        coalesce(shipments.carrier, 'unknown') as carrier,
        coalesce(warehouses.warehouse_name, 'seller') as shipped_from,
        shipments.status as status,
        shipments.is_delivered as is_delivered,
        shipments.is_late as is_late,
        shipments.transit_days as transit_days,
        shipments.is_delivered and shipments.estimated_delivery_at is not null as is_measured,
        not shipments.is_delivered and {{ day_of('shipments.estimated_delivery_at') }} < {{ today_of_shop() }} as is_overdue,
        shipments.shipped_at > limits.ship_by_at as is_handed_over_late
    from {{ current_rows(ref('fact_shipments')) }} as shipments
    left join {{ ref('dim_warehouse') }} as warehouses on shipments.warehouse_id = warehouses.warehouse_id
    left join limits on shipments.order_id = limits.order_id
    where shipments.shipped_at is not null and not shipments.is_test
),

daily as (
    select
        shipped_date,
        carrier,
        shipped_from,
        {{ row_count() }} as shipment_count,
        {{ row_count('is_delivered') }} as delivered_count,
        {{ row_count('is_measured') }} as measured_count,
        {{ row_count('is_late') }} as late_count,
        {{ row_count('is_overdue') }} as overdue_count,
        {{ row_count("status = 'failed'") }} as failed_count,
        {{ row_count('is_handed_over_late') }} as late_handover_count,
        {{ percentile('transit_days', 0.5) }} as median_transit_days,
        {{ percentile('transit_days', 0.9) }} as p90_transit_days
    from shipments
    group by shipped_date, carrier, shipped_from
)

select
    {{ not_null('shipped_date') }} as shipped_date,
    {{ assume_not_null('carrier', 'text') }} as carrier,
    {{ assume_not_null('shipped_from', 'text') }} as shipped_from,
    shipment_count,
    delivered_count,
    measured_count,
    late_count,
    {{ ratio('measured_count - late_count', 'measured_count') }} as on_time_rate,
    overdue_count,
    failed_count,
    late_handover_count,
    median_transit_days,
    p90_transit_days
from daily
