with purchases as (
    select user_id, order_date, gmv, order_date between today - 364 and today as is_recent
    from valued_orders left join lines_per_order using (order_id) cross join settings
    where is_gmv
),
buyers as (
    select
        user_id,
        min(order_date) as first_order_date,
        max(order_date) as last_order_date,
        count(*) as order_count,
        coalesce(sum(gmv), 0) as gmv,
        max(order_date) filter (where is_recent) as last_recent_date,
        count(*) filter (where is_recent) as recent_order_count,
        coalesce(sum(gmv) filter (where is_recent), 0) as recent_gmv
    from purchases
    group by user_id
),
ranked as (
    select
        user_id,
        5 - 5 * (rank() over (order by last_recent_date desc) - 1) / count(*) over () as recency_score,
        case when recent_order_count >= 6 then 5 when recent_order_count >= 4 then 4 else recent_order_count end
        as frequency_score,
        5 - 5 * (rank() over (order by recent_gmv desc) - 1) / count(*) over () as monetary_score
    from buyers
    where recent_order_count > 0
),
scored as (
    select
        buyers.*,
        coalesce(recency_score, 1) as recency_score,
        coalesce(frequency_score, 1) as frequency_score,
        coalesce(monetary_score, 1) as monetary_score,
        (coalesce(frequency_score, 1) + coalesce(monetary_score, 1) + 1) / 2 as value_score
    from buyers left join ranked using (user_id)
)
select
    user_id,
    users.country,
    profiles.state,
    profiles.tier,
    first_order_date,
    last_order_date,
    settings.today - last_order_date as recency_days,
    order_count,
    gmv,
    round(gmv / order_count, 2) as avg_order_value,
    recent_order_count,
    recent_gmv,
    scored.recency_score,
    frequency_score,
    monetary_score,
    scored.value_score,
    rfm_segments.segment as rfm_segment
from scored
    cross join settings
    join users using (user_id)
    left join profiles using (user_id)
    left join rfm_segments using (recency_score, value_score)
