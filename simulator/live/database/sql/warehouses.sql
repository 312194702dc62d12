select warehouse_id, city from warehouses where is_active order by warehouse_id
