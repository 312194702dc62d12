with buyers as (
    select user_id, min(order_date) as first_date, max(order_date) as last_date, count(*) as orders,
        coalesce(sum(gmv), 0) as gmv, coalesce(sum(net_gmv), 0) as net_gmv
    from valued_orders left join lines_per_order using (order_id)
    where is_gmv
    group by user_id
),
margins as (
    select
        m.user_id,
        coalesce(sum(seller_margin + platform_margin), 0) as margin,
        coalesce(sum(seller_margin + platform_margin) filter (where order_date - first_date < 30), 0) as margin_30,
        coalesce(sum(seller_margin + platform_margin) filter (where order_date - first_date < 90), 0) as margin_90,
        coalesce(sum(seller_margin + platform_margin) filter (where order_date - first_date < 365), 0) as margin_365,
        count(*) filter (where cost_of_goods is null) as unknown
    from margin_lines m join buyers using (user_id)
    group by m.user_id
)
select
    user_id, users.country, users.acquisition_channel, profiles.tier,
    first_date as first_order_date,
    date_trunc('month', first_date)::date as cohort_month,
    last_date as last_order_date,
    orders as order_count, gmv, net_gmv,
    margin as contribution_margin,
    round(margin / orders, 2) as margin_per_order,
    case when today - first_date >= 30 then margin_30 end as margin_of_30_days,
    case when today - first_date >= 90 then margin_90 end as margin_of_90_days,
    case when today - first_date >= 365 then margin_365 end as margin_of_365_days,
    unknown as line_count_without_cost
from buyers join margins using (user_id) join users using (user_id) left join profiles using (user_id) cross join settings
