with spending as (
    select
        amounts.customer_id,
        sum(
            rules.in_reporting_currency(
                amounts.subtotal_amount + amounts.shipping_amount, 'BRL', orders.order_purchase_timestamp
            )
        ) as amount
    from order_amounts as amounts
    inner join order_last_step as last_step on amounts.order_id = last_step.order_id
    inner join staged_olist_orders_dataset as orders on amounts.order_id = orders.order_id
    where last_step.status = 'delivered'
    group by amounts.customer_id
)

insert into customers (external_id, user_id, tier, lifetime_spend_amount, city, state, postal_code, country)
select
    staged.customer_id,
    users.user_id,
    rules.loyalty_tier(coalesce(spending.amount, 0), 0),
    coalesce(spending.amount, 0),
    staged.customer_city,
    staged.customer_state,
    staged.customer_zip_code_prefix,
    'BR'
from staged_olist_customers_dataset as staged
inner join users on staged.customer_unique_id = users.external_id
left join spending on staged.customer_id = spending.customer_id
order by staged.line
on conflict (external_id) do nothing
