insert into orders (
    external_id, customer_id, user_id, channel, status, currency, subtotal_amount, shipping_amount, total_amount,
    ship_to_city, ship_to_state, ship_to_postal_code, ship_to_country, cancel_reason, ordered_at, status_changed_at,
    paid_at, shipped_at, delivered_at, cancelled_at, estimated_delivery_at
)
select
    staged.order_id,
    customers.customer_id,
    customers.user_id,
    'olist',
    last_step.status,
    'BRL',
    amounts.subtotal_amount,
    amounts.shipping_amount,
    amounts.subtotal_amount + amounts.shipping_amount,
    customers.city,
    customers.state,
    customers.postal_code,
    customers.country,
    case staged.order_status when 'unavailable' then 'unavailable' when 'canceled' then 'not stated' end,
    staged.order_purchase_timestamp,
    last_step.status_changed_at,
    staged.order_approved_at,
    staged.order_delivered_carrier_date,
    case when last_step.status = 'delivered' then staged.order_delivered_customer_date end,
    case when last_step.status = 'cancelled' then last_step.status_changed_at end,
    staged.order_estimated_delivery_date
from staged_olist_orders_dataset as staged
inner join customers on staged.customer_id = customers.external_id
inner join order_last_step as last_step on staged.order_id = last_step.order_id
inner join order_amounts as amounts on staged.order_id = amounts.order_id
order by staged.line
on conflict (external_id) do nothing
