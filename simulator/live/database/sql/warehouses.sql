select warehouse_id, warehouse_name, city from warehouses where is_active order by warehouse_id
