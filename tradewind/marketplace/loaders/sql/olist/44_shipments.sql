insert into shipments (
    external_id, order_id, status, currency, shipped_at, estimated_delivery_at, delivered_at
)
select
    staged.order_id,
    orders.order_id,
    case
        when staged.order_delivered_customer_date is not null or orders.status = 'delivered' then 'delivered'
        when orders.status = 'cancelled' then 'failed'
        else 'in_transit'
    end,
    'BRL',
    staged.order_delivered_carrier_date,
    staged.order_estimated_delivery_date,
    staged.order_delivered_customer_date
from staged_olist_orders_dataset as staged
inner join orders on staged.order_id = orders.external_id
where coalesce(staged.order_delivered_carrier_date, staged.order_delivered_customer_date) is not null
    or orders.status in ('shipped', 'delivered')
order by staged.line
on conflict (external_id) do nothing
