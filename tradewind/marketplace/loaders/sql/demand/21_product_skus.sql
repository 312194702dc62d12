insert into product_skus (external_id, product_id, sku_code, price)
select
    products.external_id,
    products.product_id,
    'DEMAND-' || items.item,
    items.item + 0.99
from (select distinct item from demand_lots) as items
inner join products on products.external_id = 'demand:item:' || items.item
order by items.item
on conflict (external_id) do nothing
