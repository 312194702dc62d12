-- Grain: one row. Counts and amounts of today are additive over days that are over; unique buyers and averages are not.
with orders as (
    select {{ kpi_period('ordered_at') }} as period, user_id, is_gmv, is_cancelled, gmv
    from {{ ref('valued_orders') }}
    where is_valued and not is_test and {{ kpi_minutes() }}
),

sales as (
    select
        {{ kpi_sales('today') }},
        {{ kpi_sales('yesterday') }},
        {{ kpi_sales('week_ago') }}
    from orders
),

revenue_by_minute as (
    select {{ kpi_period('minute') }} as period, revenue
    from {{ ref('rt_revenue_per_minute') }}
    where {{ kpi_minutes() }}
),

money as (
    select
        {{ kpi_revenue('today') }},
        {{ kpi_revenue('yesterday') }},
        {{ kpi_revenue('week_ago') }}
    from revenue_by_minute
),

-- Commits are delivered in their order: the logs that change most, and the heartbeat, say how far the others have come.
capture as (
    select max(committed_at) as newest_commit_at
    from ({{ newest_commits(['orders', 'payments']) }})
)

select
    now64(6, 'UTC') as as_of,
    {{ not_null("toDate32(now('" ~ reporting_time_zone() ~ "'))", 'date') }} as reporting_date,
    {%- for period in ['today', 'yesterday', 'week_ago'] %}
    sales.order_count_{{ period }} as order_count_{{ period }},
    sales.gmv_{{ period }} as gmv_{{ period }},
    sales.unique_buyers_{{ period }} as unique_buyers_{{ period }},
    sales.cancelled_order_count_{{ period }} as cancelled_order_count_{{ period }},
    {{ money_per('sales.gmv_' ~ period, 'sales.order_count_' ~ period) }} as avg_order_value_{{ period }},
    money.revenue_{{ period }} as revenue_{{ period }},
    {%- endfor %}
    {{ ratio('sales.gmv_today - sales.gmv_yesterday', 'sales.gmv_yesterday') }} as gmv_change_to_yesterday_rate,
    {{ ratio('sales.gmv_today - sales.gmv_week_ago', 'sales.gmv_week_ago') }} as gmv_change_to_week_ago_rate,
    capture.newest_commit_at as newest_commit_at,
    {{ seconds_since('capture.newest_commit_at') }} as seconds_behind,
    {{ is_stale('seconds_behind') }} as is_stale
from sales
cross join money
cross join capture
