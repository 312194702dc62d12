-- A receipt opens a lot, whose identifier is the receipt's own.
with receipts as (
    select
        nextval(pg_get_serial_sequence('inventory_log', 'log_id')) as log_id,
        lots.external_id,
        skus.sku_id,
        warehouses.warehouse_id,
        lots.pieces,
        lots.month
    from demand_lots as lots
    inner join product_skus as skus on skus.external_id = 'demand:item:' || lots.item
    inner join warehouses on warehouses.external_id = 'demand:store:' || lots.store
    where not exists (select from inventory_log as known where known.external_id = lots.external_id)
)

insert into inventory_log (
    log_id, external_id, sku_id, warehouse_id, lot_id, movement_type, quantity_change, currency, moved_at
)
select log_id, external_id, sku_id, warehouse_id, log_id, 'receipt', pieces, 'USD', month
from receipts
