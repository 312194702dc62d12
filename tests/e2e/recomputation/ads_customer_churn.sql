with purchases as (
    select
        user_id,
        min(order_date) as first_date,
        max(order_date) as last_date,
        count(*) as orders,
        count(distinct order_date) as days,
        count(*) filter (where delivered_at > estimated_delivery_at) as late,
        count(*) filter (where order_date > today - 90) as orders_90,
        coalesce(sum(gmv) filter (where order_date > today - 90), 0) as gmv_90,
        coalesce(sum(gmv) filter (where order_date <= today - 90 and order_date > today - 180), 0) as gmv_before
    from valued_orders left join lines_per_order using (order_id) cross join settings
    where is_gmv and order_date <= today
    group by user_id
),
returns as (
    select user_id, count(*) as returns
    from order_returns join valued_orders using (order_id)
    where not is_test
    group by user_id
),
seen as (
    select user_id, max(session_date) as last_visit, count(*) filter (where session_date > today - 30) as visits_30
    from visits cross join settings
    where not is_bot and session_date <= today
    group by user_id
),
figures as (
    select
        p.*, today, churn_days, today - last_date as recency, (last_date - first_date)::float8 / nullif(days - 1, 0) as gap,
        coalesce(returns, 0) as returns, last_visit, coalesce(visits_30, 0) as visits_30
    from purchases p left join returns using (user_id) left join seen using (user_id) cross join settings
)
select
    user_id, users.country, profiles.tier, rfm.rfm_segment,
    first_date as first_order_date,
    last_date as last_order_date,
    today - first_date as tenure_days,
    recency as recency_days,
    orders as order_count,
    gap as avg_days_between_orders,
    orders_90 as order_count_90_days,
    gmv_90 as gmv_90_days,
    gmv_before as gmv_90_days_before,
    late::float8 / orders as late_order_rate,
    returns as return_count,
    last_visit as last_visit_date,
    visits_30 as visit_count_30_days,
    recency >= churn_days as is_churned,
    case
        when recency >= churn_days then 'churned'
        when gap > 0 and recency > 2 * gap then 'at_risk'
        when days = 1 then 'new'
        else 'active'
    end as churn_status
from figures
    join users using (user_id)
    left join profiles using (user_id)
    left join rfm using (user_id)
