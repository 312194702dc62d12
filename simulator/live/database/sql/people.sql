with profiles as (
    select
        customers.user_id,
        customers.customer_id,
        users.country,
        customers.city,
        customers.state,
        customers.postal_code,
        row_number() over (partition by customers.user_id order by customers.customer_id) as profile
    from customers
    inner join users on customers.user_id = users.user_id
    where users.user_type = %(user_type)s
        and users.is_test = %(is_test)s
        and users.status = 'active'
        and not users.is_bot
),

bought as (
    select user_id, count(*) as orders from orders group by user_id
),

chosen as (
    select profiles.*, 1 + least(coalesce(bought.orders, 0), %(most_active)s - 1) as activity
    from profiles
    left join bought on profiles.user_id = bought.user_id
    where profiles.profile = 1
    order by md5(concat(profiles.user_id, %(seed)s))
    limit %(users)s
)

select user_id, customer_id, country, city, state, postal_code, activity
from chosen
order by user_id
