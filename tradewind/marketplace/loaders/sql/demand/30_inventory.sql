insert into inventory (sku_id, warehouse_id)
select skus.sku_id, warehouses.warehouse_id
from (select distinct store, item from demand_lots) as places
inner join product_skus as skus on skus.external_id = 'demand:item:' || places.item
inner join warehouses on warehouses.external_id = 'demand:store:' || places.store
order by skus.sku_id, warehouses.warehouse_id
on conflict (sku_id, warehouse_id) do nothing
