-- Grain: one row per buyer. Counts and amounts are additive.
with orders as (
    select user_id, order_id, order_date, gmv_amount_reporting as gmv, net_gmv_amount_reporting as net_gmv
    from {{ current_rows(ref('fact_orders')) }}
    where is_gmv
),

buyers as (
    select
        user_id,
        min(order_date) as first_order_date,
        max(order_date) as last_order_date,
        {{ row_count() }} as order_count,
        {{ money_total('gmv') }} as gmv,
        {{ money_total('net_gmv') }} as net_gmv
    from orders
    group by user_id
),

margins as (
    select user_id, order_date, contribution_margin
    from {{ ref('ads_contribution_margin') }}
    where user_id is not null
),

values_by_age as (
    select
        buyers.user_id as user_id,
        {{ money_total('margins.contribution_margin') }} as contribution_margin,
        {% for days in ltv_horizons() -%}
        {{ money_total(
            'case when ' ~ days_between('buyers.first_order_date', 'margins.order_date') ~ ' < ' ~ days ~ ' then margins.contribution_margin end'
        ) }} as margin_of_{{ days }}_days,
        {% endfor -%}
        {{ row_count('margins.contribution_margin is null') }} as line_count_without_cost
    from buyers
    inner join margins on buyers.user_id = margins.user_id
    group by buyers.user_id
)

select
    {{ assume_not_null('buyers.user_id') }} as user_id,
    users.country as country,
    users.acquisition_channel as acquisition_channel,
    users.tier as tier,
    buyers.first_order_date as first_order_date,
    {{ start_of('month', 'buyers.first_order_date') }} as cohort_month,
    buyers.last_order_date as last_order_date,
    buyers.order_count as order_count,
    buyers.gmv as gmv,
    buyers.net_gmv as net_gmv,
    values_by_age.contribution_margin as contribution_margin,
    {{ money_per('values_by_age.contribution_margin', 'buyers.order_count') }} as margin_per_order,
    {% for days in ltv_horizons() -%}
    {{ as_type(
        'case when ' ~ days_between('buyers.first_order_date', today_of_shop()) ~ ' >= ' ~ days
        ~ ' then values_by_age.margin_of_' ~ days ~ '_days end', 'decimal(18,2)'
    ) }} as margin_of_{{ days }}_days,
    {% endfor -%}
    values_by_age.line_count_without_cost as line_count_without_cost
from buyers
inner join values_by_age on buyers.user_id = values_by_age.user_id
left join {{ ref('dim_user') }} as users on buyers.user_id = users.user_id
