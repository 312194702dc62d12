-- The file gives the day; noon stands for it.
insert into inventory_log (
    external_id, sku_id, warehouse_id, lot_id, movement_type, quantity_change, currency, moved_at
)
select
    format('demand:sale:%s/%s/%s', staged.store, staged.item, staged.date),
    opened.sku_id,
    opened.warehouse_id,
    opened.log_id,
    'sale',
    -staged.sales,
    opened.currency,
    staged.date + time '12:00'
from "staged_store-item-sales" as staged
inner join demand_lots as lots
    on staged.store = lots.store
    and staged.item = lots.item
    and lots.month = date_trunc('month', staged.date)::date
inner join inventory_log as opened on lots.external_id = opened.external_id
on conflict (external_id) do nothing
