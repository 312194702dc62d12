insert into cart_items (cart_id, sku_id, quantity, unit_price, added_at)
select
    carts.cart_id,
    skus.sku_id,
    1,
    skus.price,
    items.started_at + make_interval(mins => items.minute, secs => 20)
from retailrocket_items as items
inner join carts on items.session_id = carts.external_id
inner join product_skus as skus on skus.external_id = 'retailrocket:item:' || items.itemid
where items.cart_line is not null
order by carts.cart_id, skus.sku_id
on conflict (cart_id, sku_id) do nothing
