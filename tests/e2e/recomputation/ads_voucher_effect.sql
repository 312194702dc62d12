with counted as (
    select
        o.order_id, o.order_date, o.rate, orders.currency, coalesce(l.gmv, 0) as gmv,
        row_number() over (partition by o.user_id order by o.ordered_at, o.order_id) = 1 as is_first
    from valued_orders o join orders using (order_id) left join lines_per_order l using (order_id)
    where o.is_gmv
),
held as (
    select * from voucher_redemptions where released_at is null
),
margins as (
    select order_id, coalesce(sum(seller_margin + platform_margin), 0) as margin from margin_lines group by order_id
),
used as (
    select
        voucher_id, count(*) as orders, count(*) filter (where is_first) as new_buyers, sum(gmv) as gmv,
        sum(round(discount_amount * rate, 2)) as discount, sum(margin) as margin
    from held join counted using (order_id) left join margins using (order_id)
    group by voucher_id
)
select
    v.voucher_id, v.voucher_code, v.voucher_type, v.funded_by,
    v.starts_at::date as start_date,
    (v.ends_at - interval '1 second')::date as end_date,
    (select count(*) from voucher_redemptions r where r.voucher_id = v.voucher_id and released_at is null) as redemption_count,
    (select count(*) from voucher_redemptions r where r.voucher_id = v.voucher_id and released_at is not null) as released_redemption_count,
    (select count(*) from held where held.voucher_id = v.voucher_id)::float8 / v.usage_limit as usage_rate,
    coalesce(orders, 0) as order_count,
    coalesce(new_buyers, 0) as new_buyer_count,
    new_buyers::float8 / orders as new_buyer_rate,
    coalesce(gmv, 0) as gmv,
    coalesce(discount, 0) as discount,
    coalesce(margin, 0) as contribution_margin,
    round(gmv / orders, 2) as avg_order_value,
    (
        select round(sum(c.gmv) / count(*), 2) from counted c
        where c.currency = v.currency and c.order_date between v.starts_at::date and (v.ends_at - interval '1 second')::date
            and c.order_id not in (select order_id from held)
    ) as avg_order_value_without_voucher
from vouchers v left join used using (voucher_id)
