insert into product_skus (external_id, product_id, sku_code, price)
select
    products.external_id,
    products.product_id,
    'RETAILROCKET-' || items.itemid,
    items.itemid % 200 + 0.99
from (select distinct itemid from retailrocket_items) as items
inner join products on products.external_id = 'retailrocket:item:' || items.itemid
order by items.itemid
on conflict (external_id) do nothing
