-- Stock on hand is the sum of its movements, day by day. Stock that changed just before the run's start is left out, since some of
-- its movements may not have arrived yet.
with movements as (
    select sku_id, warehouse_id, quantity
    from {{ current_rows(ref('fact_inventory_snapshot')) }}
    where valid_to_date is null
)

select
    inventory.sku_id as sku_id,
    inventory.warehouse_id as warehouse_id,
    inventory.quantity as quantity,
    movements.quantity as logged_quantity
from {{ current_rows(ref('ods_inventory')) }} as inventory
left join movements on inventory.sku_id = movements.sku_id and inventory.warehouse_id = movements.warehouse_id
where
    inventory.quantity <> coalesce(movements.quantity, 0)
    and inventory._changed_at < {{ run_started() }} - interval {{ var('settling_seconds') }} second
