select
    session_date as event_date,
    platform,
    count(*) as visit_count,
    count(*) filter (where product_view_count > 0) as view_visit_count,
    count(*) filter (where add_to_cart_count > 0) as cart_visit_count,
    count(*) filter (where checkout_count > 0) as checkout_visit_count,
    count(*) filter (where is_converted) as purchase_visit_count,
    count(*) filter (where product_view_count > 0)::float8 / count(*) as view_rate,
    count(*) filter (where add_to_cart_count > 0)::float8 / count(*) as cart_rate,
    count(*) filter (where checkout_count > 0)::float8 / count(*) as checkout_rate,
    count(*) filter (where is_converted)::float8 / count(*) as purchase_rate
from visits v
where not is_bot and not exists (select from users u where u.user_id = v.user_id and (u.is_test or u.is_bot))
group by 1, 2
