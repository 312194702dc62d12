with days as (
    select generate_series(today - inventory_window_days + 1, today, '1 day')::date as day from settings
),
moved as (
    select *, moved_at::date as moved_date from inventory_log cross join settings where moved_at::date <= today
),
first_moves as (
    select sku_id, warehouse_id, min(moved_date) as first_date from moved group by 1, 2
),
-- Stock at the end of each day of the window, from its first movement on.
stock as (
    select f.sku_id, f.warehouse_id, day, sum(m.quantity_change) as quantity
    from first_moves f
        join days on day >= first_date
        join moved m on m.sku_id = f.sku_id and m.warehouse_id = f.warehouse_id and m.moved_date <= day
    group by 1, 2, 3
),
stock_days as (
    select
        sku_id, warehouse_id, count(*) as known, count(*) filter (where quantity <= 0) as out,
        sum(quantity)::float8 / count(*) as average
    from stock
    group by 1, 2
),
costs as (
    select
        sku_id, warehouse_id,
        case when bool_and(unit_cost is not null) then
            round(sum(round(unit_cost * quantity_change, 2)) * pg_temp.rate_on(min(currency), min(today)), 2)
        end as cost
    from moved
    group by 1, 2
),
sales as (
    select
        sku_id, warehouse_id,
        coalesce(-sum(quantity_change) filter (where moved_date > today - inventory_window_days), 0) as units,
        max(moved_date) as last_date
    from moved
    where movement_type = 'sale'
    group by 1, 2
),
revenues as (
    select i.sku_id, sum(v.gmv) as gmv
    from valued_lines v join order_items i using (order_item_id) cross join settings
    where is_gmv and order_date > today - inventory_window_days and order_date <= today
    group by 1
),
ranked as (
    select sku_id, gmv, sum(gmv) over (order by gmv desc, sku_id) - gmv as better, sum(gmv) over () as total from revenues
),
weeks as (
    select sku_id, week, coalesce(sum(-quantity_change), 0) as units
    from (select distinct sku_id from moved where movement_type = 'sale') skus
        cross join generate_series(0, 11) as week
        cross join settings
        left join (select sku_id, moved_date, quantity_change from moved where movement_type = 'sale') m using (sku_id)
    where (today - moved_date) / 7 = week
    group by 1, 2
),
variations as (
    select sku_id, sqrt((sum(units * units) / 12 - (sum(units) / 12) ^ 2)) / (sum(units) / 12) as variation
    from weeks
    group by 1
),
health as (
    select
        i.*, coalesce(s.units, 0) as units, s.last_date, d.known, d.out, d.average,
        coalesce(s.units, 0)::float8 / nullif(d.known - d.out, 0) as pace
    from inventory i
        left join sales s using (sku_id, warehouse_id)
        left join stock_days d using (sku_id, warehouse_id)
)
select
    h.sku_id, h.warehouse_id, settings.today as as_of_date, w.warehouse_name, k.sku_code, k.product_id, p.product_name,
    coalesce(c.department, 'unclassified') as department, c.category,
    h.quantity, h.reorder_point, h.safety_stock,
    h.quantity <= h.reorder_point as needs_reorder,
    h.quantity < h.safety_stock as is_below_safety_stock,
    costs.cost as stock_cost,
    units as units_sold,
    last_date as last_sold_date,
    pace as avg_daily_units,
    h.quantity::float8 / nullif(pace, 0) as days_of_cover,
    units::float8 / nullif(units + h.quantity, 0) as sell_through_rate,
    average as avg_quantity,
    (units * 365)::float8 / inventory_window_days as yearly_units_sold,
    (units * 365)::float8 / nullif(average * inventory_window_days, 0) as turnover,
    coalesce(known, 0) as known_days,
    coalesce(out, 0) as stock_out_days,
    out::float8 / nullif(known, 0) as stock_out_rate,
    pace * out as lost_units,
    h.quantity > 0 and units = 0 and coalesce(known, 0) >= inventory_window_days as is_dead_stock,
    case when gmv > 0 and better < round(total * 0.80, 2) then 'A' when gmv > 0 and better < round(total * 0.95, 2) then 'B' else 'C' end
    as abc_class,
    case when variation <= 0.5 then 'X' when variation <= 1 then 'Y' else 'Z' end as xyz_class
from health h
    cross join settings
    join warehouses w using (warehouse_id)
    join product_skus k on k.sku_id = h.sku_id
    join products p on p.product_id = k.product_id
    left join category_paths c using (category_id)
    left join costs on costs.sku_id = h.sku_id and costs.warehouse_id = h.warehouse_id
    left join ranked on ranked.sku_id = h.sku_id
    left join variations on variations.sku_id = h.sku_id
