insert into sellers (external_id, seller_name, city, state, postal_code, country, joined_at)
select
    staged.seller_id,
    'Seller ' || left(staged.seller_id, 8),
    staged.seller_city,
    staged.seller_state,
    staged.seller_zip_code_prefix,
    'BR',
    coalesce(
        min(orders.order_purchase_timestamp),
        (select min(order_purchase_timestamp) from staged_olist_orders_dataset),
        now()
    )
from staged_olist_sellers_dataset as staged
left join staged_olist_order_items_dataset as items on staged.seller_id = items.seller_id
left join staged_olist_orders_dataset as orders on items.order_id = orders.order_id
group by staged.line, staged.seller_id, staged.seller_city, staged.seller_state, staged.seller_zip_code_prefix
order by staged.line
on conflict (external_id) do nothing
