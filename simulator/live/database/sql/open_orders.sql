select
    order_id, customer_id, user_id, channel, currency, ship_to_country as country, ship_to_city as city,
    ship_to_state as state, ship_to_postal_code as postal_code, ordered_at,
    coalesce(estimated_delivery_at, ordered_at) as estimated_delivery_at, is_test, status,
    (select count(*) from payments where payments.order_id = orders.order_id) as attempts
from orders
where status in ('pending', 'confirmed', 'paid', 'packed', 'shipped')
    and ordered_at > %(since)s
order by ordered_at, order_id
