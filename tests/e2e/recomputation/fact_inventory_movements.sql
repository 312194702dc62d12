select
    log_id,
    sku_id,
    product_id,
    warehouse_id,
    lot_id,
    movement_type,
    supplier_id,
    order_item_id,
    moved_at at time zone 'UTC' as moved_at,
    moved_at::date as movement_date,
    quantity_change,
    l.currency,
    unit_cost,
    unit_cost * quantity_change as cost_amount
from inventory_log l join product_skus using (sku_id)
