-- Grain: one row per account, without personal data. Order counts and amounts are additive, scores are not.
with users as (
    select
        user_id,
        user_type,
        status,
        country,
        language,
        acquisition_channel,
        is_bot,
        is_test,
        registered_at
    from {{ current_rows(ref('ods_users')) }}
),

profiles as (
    select
        user_id,
        {{ arg_max('city', 'customer_id') }} as city,
        {{ arg_max('state', 'customer_id') }} as state,
        {{ arg_max('tier', loyalty_rank('tier')) }} as tier,
        {{ as_type('sum(loyalty_points)', 'bigint') }} as loyalty_points,
        {{ as_type('max(case when has_marketing_consent then 1 else 0 end) = 1', 'boolean') }} as has_marketing_consent
    from {{ current_rows(ref('ods_customers')) }}
    group by user_id
),

purchases as (
    select
        user_id,
        {{ row_count() }} as order_count,
        min(order_date) as first_order_date,
        max(order_date) as last_order_date,
        {{ money_total('gmv_amount_reporting') }} as gmv_amount_reporting
    from {{ current_rows(ref('fact_orders')) }}
    where is_gmv
    group by user_id
),

-- Recency, frequency and value of those who bought within the window.
recent_purchases as (
    select
        user_id,
        {{ row_count() }} as recent_order_count,
        max(order_date) as last_order_date,
        {{ money_total('gmv_amount_reporting') }} as recent_gmv
    from {{ current_rows(ref('fact_orders')) }}
    where is_gmv and order_date > {{ days_before(today_of_shop(), var('rfm_window_days')) }} and order_date <= {{ today_of_shop() }}
    group by user_id
),

ranked as (
    select
        user_id,
        recent_order_count,
        recent_gmv,
        {{ quintile('last_order_date desc') }} as recency_score,
        {{ frequency_score('recent_order_count') }} as frequency_score,
        {{ quintile('recent_gmv desc') }} as monetary_score
    from recent_purchases
),

-- Who bought before the window only has the lowest scores.
rfm as (
    select
        purchases.user_id as user_id,
        purchases.order_count as order_count,
        purchases.first_order_date as first_order_date,
        purchases.last_order_date as last_order_date,
        purchases.gmv_amount_reporting as gmv_amount_reporting,
        coalesce(ranked.recent_order_count, 0) as recent_order_count,
        {{ as_type('coalesce(ranked.recent_gmv, 0)', 'decimal(18,2)') }} as recent_gmv,
        {{ days_between('purchases.last_order_date', today_of_shop()) }} as recency_days,
        coalesce(ranked.recency_score, 1) as recency_score,
        coalesce(ranked.frequency_score, 1) as frequency_score,
        coalesce(ranked.monetary_score, 1) as monetary_score
    from purchases
    left join ranked on purchases.user_id = ranked.user_id
),

valued as (
    select *, {{ as_type('floor((frequency_score + monetary_score + 1) / 2)', 'int') }} as value_score
    from rfm
)

select
    users.user_id as user_id,
    users.user_type as user_type,
    users.status as status,
    users.country as country,
    profiles.state as state,
    profiles.city as city,
    users.language as language,
    users.acquisition_channel as acquisition_channel,
    users.is_bot as is_bot,
    users.is_test as is_test,
    {{ day_of('users.registered_at') }} as registered_date,
    profiles.tier as tier,
    profiles.loyalty_points as loyalty_points,
    profiles.has_marketing_consent as has_marketing_consent,
    coalesce(valued.order_count, 0) as order_count,
    valued.first_order_date as first_order_date,
    valued.last_order_date as last_order_date,
    coalesce(valued.gmv_amount_reporting, 0) as gmv_amount_reporting,
    coalesce(valued.recent_order_count, 0) as recent_order_count,
    {{ as_type('coalesce(valued.recent_gmv, 0)', 'decimal(18,2)') }} as recent_gmv_amount_reporting,
    valued.recency_days as recency_days,
    valued.recency_score as recency_score,
    valued.frequency_score as frequency_score,
    valued.monetary_score as monetary_score,
    valued.value_score as value_score,
    case when valued.user_id is null then 'no_orders' else segments.segment end as rfm_segment
from users
left join profiles on users.user_id = profiles.user_id
left join valued on users.user_id = valued.user_id
left join {{ ref('rfm_segments') }} as segments
    on valued.recency_score = segments.recency_score and valued.value_score = segments.value_score
