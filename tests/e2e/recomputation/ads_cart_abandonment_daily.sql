with valued as (
    select
        c.status, c.opened_at::date as day, i.quantity,
        round(i.amount * pg_temp.rate_on(c.currency, c.opened_at::date), 2) as amount
    from carts c
        left join (
            select cart_id, sum(quantity) as quantity, sum(quantity * unit_price) as amount from cart_items group by cart_id
        ) i using (cart_id)
    where not exists (select from users u where u.user_id = c.user_id and (u.is_test or u.is_bot))
)
select
    day as event_date,
    count(*) as cart_count,
    count(*) filter (where status = 'converted') as converted_cart_count,
    count(*) filter (where status = 'abandoned') as abandoned_cart_count,
    count(*) filter (where status = 'active') as active_cart_count,
    count(*) filter (where status = 'abandoned')::float8 / nullif(count(*) filter (where status <> 'active'), 0) as abandonment_rate,
    coalesce(sum(quantity) filter (where status = 'abandoned'), 0) as abandoned_units,
    coalesce(sum(amount) filter (where status = 'abandoned'), 0) as abandoned_amount
from valued
group by day
