-- Grain: one row per buyer, as of today. Counts and amounts are additive, days and rates are not.
{% set today = today_of_shop() %}
with orders as (
    select user_id, order_id, order_date, is_late, gmv_amount_reporting as gmv
    from {{ current_rows(ref('fact_orders')) }}
    where is_gmv and order_date <= {{ today }}
),

purchases as (
    select
        user_id,
        min(order_date) as first_order_date,
        max(order_date) as last_order_date,
        {{ row_count() }} as order_count,
        {{ distinct_count('order_date') }} as order_day_count,
        {{ row_count('is_late') }} as late_order_count,
        {{ row_count('order_date > ' ~ days_before(today, 90)) }} as order_count_90_days,
        {{ money_total('case when order_date > ' ~ days_before(today, 90) ~ ' then gmv end') }} as gmv_90_days,
        {{ money_total(
            'case when order_date > ' ~ days_before(today, 180) ~ ' and order_date <= ' ~ days_before(today, 90) ~ ' then gmv end'
        ) }} as gmv_90_days_before
    from orders
    group by user_id
),

returns as (
    select user_id, {{ row_count() }} as return_count
    from {{ current_rows(ref('fact_returns')) }}
    where not is_test
    group by user_id
),

visits as (
    select user_id, max(session_date) as last_visit_date, {{ row_count('session_date > ' ~ days_before(today, 30)) }} as visit_count_30_days
    from {{ current_rows(ref('fact_sessions')) }}
    where user_id is not null and not is_bot and session_date <= {{ today }}
    group by user_id
),

timed as (
    select
        *,
        {{ days_between('last_order_date', today) }} as recency_days,
        {{ ratio(days_between('first_order_date', 'last_order_date'), 'order_day_count - 1') }} as avg_days_between_orders
    from purchases
)

select
    {{ assume_not_null('timed.user_id', 'bigint') }} as user_id,
    users.country as country,
    users.tier as tier,
    users.rfm_segment as rfm_segment,
    timed.first_order_date as first_order_date,
    timed.last_order_date as last_order_date,
    {{ days_between('timed.first_order_date', today) }} as tenure_days,
    timed.recency_days as recency_days,
    timed.order_count as order_count,
    timed.avg_days_between_orders as avg_days_between_orders,
    timed.order_count_90_days as order_count_90_days,
    timed.gmv_90_days as gmv_90_days,
    timed.gmv_90_days_before as gmv_90_days_before,
    {{ ratio('timed.late_order_count', 'timed.order_count') }} as late_order_rate,
    coalesce(returns.return_count, 0) as return_count,
    visits.last_visit_date as last_visit_date,
    coalesce(visits.visit_count_30_days, 0) as visit_count_30_days,
    {{ as_type('timed.recency_days >= ' ~ var('churn_days'), 'boolean') }} as is_churned,
    {{ as_type(
        "case when timed.recency_days >= " ~ var('churn_days') ~ " then 'churned'"
        ~ " when timed.avg_days_between_orders > 0 and timed.recency_days > 2 * timed.avg_days_between_orders then 'at_risk'"
        ~ " when timed.order_day_count = 1 then 'new' else 'active' end", 'text'
    ) }} as churn_status
from timed
left join {{ ref('dim_user') }} as users on timed.user_id = users.user_id
left join returns on timed.user_id = returns.user_id
left join visits on timed.user_id = visits.user_id
