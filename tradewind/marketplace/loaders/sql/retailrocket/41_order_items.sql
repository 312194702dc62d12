insert into order_items (order_id, line_number, sku_id, product_id, seller_id, quantity, unit_price)
select
    orders.order_id,
    row_number() over (partition by orders.order_id order by items.place),
    skus.sku_id,
    skus.product_id,
    products.seller_id,
    1,
    skus.price
from retailrocket_items as items
inner join orders on items.session_id = orders.external_id
inner join product_skus as skus on skus.external_id = 'retailrocket:item:' || items.itemid
inner join products on skus.product_id = products.product_id
where items.purchase_line is not null
on conflict (order_id, line_number) do nothing
