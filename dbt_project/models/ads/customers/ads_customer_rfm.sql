-- Grain: one row per account with orders, without personal data. order_count and gmv are additive, scores are not.
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
    recency_score,
    frequency_score,
    monetary_score,
    rfm_segment
from {{ ref('dim_user') }}
where order_count > 0
