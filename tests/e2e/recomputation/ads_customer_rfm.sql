with buyers as (
    select
        user_id,
        min(order_date) as first_order_date,
        max(order_date) as last_order_date,
        count(*) as order_count,
        coalesce(sum(gmv), 0) as gmv
    from valued_orders left join lines_per_order using (order_id)
    where is_gmv
    group by user_id
),
scored as (
    select
        *,
        (select max(last_order_date) from buyers) - last_order_date as recency_days,
        5 - 5 * (rank() over (order by last_order_date desc) - 1) / count(*) over () as recency_score,
        case when order_count >= 6 then 5 when order_count >= 4 then 4 else order_count end as frequency_score,
        5 - 5 * (rank() over (order by gmv desc) - 1) / count(*) over () as monetary_score
    from buyers
)
select
    user_id,
    users.country,
    profiles.state,
    profiles.tier,
    first_order_date,
    last_order_date,
    recency_days,
    order_count,
    gmv,
    round(gmv / order_count, 2) as avg_order_value,
    scored.recency_score,
    frequency_score,
    monetary_score,
    rfm_segments.segment as rfm_segment
from scored
    join users using (user_id)
    left join profiles using (user_id)
    left join rfm_segments
        on rfm_segments.recency_score = scored.recency_score
        and rfm_segments.value_score = (frequency_score + monetary_score + 1) / 2
