insert into order_items (
    order_id, line_number, sku_id, product_id, seller_id, quantity, unit_price, shipping_amount, ship_by_at
)
select
    orders.order_id,
    staged.order_item_id,
    skus.sku_id,
    skus.product_id,
    sellers.seller_id,
    1,
    staged.price,
    staged.freight_value,
    staged.shipping_limit_date
from staged_olist_order_items_dataset as staged
inner join orders on staged.order_id = orders.external_id
inner join product_skus as skus on staged.product_id = skus.external_id
inner join sellers on staged.seller_id = sellers.external_id
order by staged.line
on conflict (order_id, line_number) do nothing
