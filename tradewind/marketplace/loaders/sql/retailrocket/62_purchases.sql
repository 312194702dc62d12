insert into user_events (
    external_id, event_type, session_id, user_id, product_id, order_id, platform, occurred_at
)
select
    format('retailrocket:purchase:%s/%s', items.visitorid, items.itemid),
    'purchase',
    items.session_id,
    users.user_id,
    products.product_id,
    orders.order_id,
    'web',
    orders.ordered_at
from retailrocket_items as items
inner join users on users.external_id = 'retailrocket:visitor:' || items.visitorid
inner join products on products.external_id = 'retailrocket:item:' || items.itemid
inner join orders on items.session_id = orders.external_id
where items.purchase_line is not null
order by items.purchase_line
on conflict (external_id) do nothing
