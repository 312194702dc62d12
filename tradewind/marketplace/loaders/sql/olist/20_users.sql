insert into users (external_id, user_type, status, country, language, registered_at)
select
    customers.customer_unique_id,
    'buyer',
    'active',
    'BR',
    'pt-BR',
    coalesce(
        min(orders.order_purchase_timestamp),
        (select min(order_purchase_timestamp) from staged_olist_orders_dataset),
        now()
    )
from staged_olist_customers_dataset as customers
left join staged_olist_orders_dataset as orders on customers.customer_id = orders.customer_id
group by customers.customer_unique_id
order by min(customers.line)
on conflict (external_id) do nothing
