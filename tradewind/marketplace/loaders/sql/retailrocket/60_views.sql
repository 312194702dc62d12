insert into user_events (
    external_id, event_type, session_id, user_id, product_id, platform, occurred_at
)
select
    format('retailrocket:view:%s/%s', items.visitorid, items.itemid),
    'product_view',
    items.session_id,
    users.user_id,
    products.product_id,
    'web',
    items.started_at + make_interval(mins => items.minute)
from retailrocket_items as items
inner join users on users.external_id = 'retailrocket:visitor:' || items.visitorid
inner join products on products.external_id = 'retailrocket:item:' || items.itemid
where items.view_line is not null
order by items.view_line
on conflict (external_id) do nothing
