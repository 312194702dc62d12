-- Grain: one row per account with orders, without personal data. Counts and GMV are additive, scores are not.
select
    user_id,
    country,
    state,
    tier,
    first_order_date,
    last_order_date,
    recency_days,
    order_count,
    gmv_amount_reporting as gmv,
    {{ money_per('gmv_amount_reporting', 'order_count') }} as avg_order_value,
    recent_order_count,
    recent_gmv_amount_reporting as recent_gmv,
    recency_score,
    frequency_score,
    monetary_score,
    value_score,
    rfm_segment
from {{ ref('dim_user') }}
where order_count > 0
