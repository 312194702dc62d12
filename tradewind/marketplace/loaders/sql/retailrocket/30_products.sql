insert into products (external_id, seller_id, product_name, currency, min_price, listed_at)
select
    'retailrocket:item:' || items.itemid,
    sellers.seller_id,
    'RetailRocket item ' || items.itemid,
    'USD',
    items.itemid % 200 + 0.99,
    min(items.started_at)
from retailrocket_items as items
inner join sellers on sellers.external_id = 'retailrocket:shop'
group by items.itemid, sellers.seller_id
order by items.itemid
on conflict (external_id) do nothing
