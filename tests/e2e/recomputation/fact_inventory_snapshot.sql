with days as (
    select distinct sku_id, warehouse_id, moved_at::date as snapshot_date from inventory_log
),
numbered as (
    select
        days.*,
        (
            select min(other.moved_at)::date - 1
            from inventory_log other
            where (other.sku_id, other.warehouse_id) = (days.sku_id, days.warehouse_id) and other.moved_at::date > days.snapshot_date
        ) as valid_to_date
    from days
)
select
    sku_id,
    warehouse_id,
    snapshot_date,
    valid_to_date,
    (select product_id from product_skus s where s.sku_id = numbered.sku_id) as product_id,
    sum(greatest(quantity_change, 0)) filter (where moved_at::date = snapshot_date) as quantity_in,
    sum(greatest(-quantity_change, 0)) filter (where moved_at::date = snapshot_date) as quantity_out,
    sum(quantity_change) as quantity,
    max(currency) filter (where moved_at::date = snapshot_date) as currency,
    case when count(*) = count(unit_cost) then sum(unit_cost * quantity_change) end as cost_amount
from numbered join inventory_log using (sku_id, warehouse_id)
where moved_at::date <= snapshot_date
group by sku_id, warehouse_id, snapshot_date, valid_to_date
