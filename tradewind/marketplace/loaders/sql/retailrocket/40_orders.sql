insert into orders (
    external_id, customer_id, user_id, channel, status, currency, subtotal_amount, total_amount, ship_to_country,
    session_id, ordered_at, status_changed_at, paid_at
)
select
    visits.session_id,
    customers.customer_id,
    customers.user_id,
    'website',
    'paid',
    'USD',
    sum(skus.price),
    sum(skus.price),
    'ZZ',
    visits.session_id,
    visits.ended_at,
    visits.ended_at,
    visits.ended_at
from retailrocket_visits as visits
inner join retailrocket_items as items on visits.session_id = items.session_id
inner join customers on customers.external_id = 'retailrocket:visitor:' || visits.visitorid
inner join product_skus as skus on skus.external_id = 'retailrocket:item:' || items.itemid
where items.purchase_line is not null
group by visits.session_id, visits.ended_at, customers.customer_id, customers.user_id
order by visits.ended_at, visits.session_id
on conflict (external_id) do nothing
