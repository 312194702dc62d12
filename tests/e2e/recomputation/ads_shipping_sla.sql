select
    s.shipped_at::date as shipped_date,
    coalesce(s.carrier, 'unknown') as carrier,
    coalesce(w.warehouse_name, 'seller') as shipped_from,
    count(*) as shipment_count,
    count(s.delivered_at) as delivered_count,
    count(*) filter (where s.delivered_at is not null and s.estimated_delivery_at is not null) as measured_count,
    count(*) filter (where s.delivered_at > s.estimated_delivery_at) as late_count,
    count(*) filter (where s.delivered_at <= s.estimated_delivery_at)::float8
    / nullif(count(*) filter (where s.delivered_at is not null and s.estimated_delivery_at is not null), 0) as on_time_rate,
    count(*) filter (where s.delivered_at is null and s.estimated_delivery_at::date < settings.today) as overdue_count,
    count(*) filter (where s.status = 'failed') as failed_count,
    count(*) filter (where s.shipped_at > (select min(ship_by_at) from order_items i where i.order_id = s.order_id)) as late_handover_count,
    percentile_cont(0.5) within group (
        order by (extract(epoch from s.delivered_at - s.shipped_at)::numeric * 1000000)::bigint::float8 / 86400000000
    ) as median_transit_days,
    pg_temp.quantile(
        array_agg(
            (extract(epoch from s.delivered_at - s.shipped_at)::numeric * 1000000)::bigint::float8 / 86400000000
            order by s.delivered_at - s.shipped_at
        ) filter (where s.delivered_at is not null), 0.9
    ) as p90_transit_days
from shipments s
    join valued_orders o using (order_id)
    left join warehouses w using (warehouse_id)
    cross join settings
where s.shipped_at is not null and not o.is_test
group by 1, 2, 3
