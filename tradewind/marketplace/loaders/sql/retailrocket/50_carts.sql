insert into carts (external_id, user_id, session_id, order_id, status, currency, opened_at, closed_at)
select
    visits.session_id,
    users.user_id,
    visits.session_id,
    case when visits.has_bought_from_cart then orders.order_id end,
    case when visits.has_bought_from_cart then 'converted' else 'abandoned' end,
    'USD',
    min(items.started_at + make_interval(mins => items.minute, secs => 20)),
    case when visits.has_bought_from_cart then visits.ended_at else visits.ended_at + interval '30 minutes' end
from retailrocket_visits as visits
inner join retailrocket_items as items on visits.session_id = items.session_id and items.cart_line is not null
inner join users on users.external_id = 'retailrocket:visitor:' || visits.visitorid
left join orders on visits.session_id = orders.external_id
group by visits.session_id, visits.has_bought_from_cart, visits.ended_at, users.user_id, orders.order_id
order by visits.session_id
on conflict (external_id) do nothing
