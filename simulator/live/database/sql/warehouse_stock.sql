select inventory.sku_id, inventory.warehouse_id, inventory.quantity, inventory.reorder_point
from inventory
inner join warehouses on inventory.warehouse_id = warehouses.warehouse_id
where warehouses.is_active
order by inventory.sku_id, inventory.warehouse_id
