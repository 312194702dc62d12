-- Grain: one row per month of first orders (cohort) and month since then, up to the present one. Amounts are additive;
-- buyers and rates are not over months.
with orders as (
    select
        user_id,
        order_id,
        {{ start_of('month', 'order_date') }} as order_month,
        gmv_amount_reporting as gmv
    from {{ current_rows(ref('fact_orders')) }}
    where is_gmv
),

cohorts as (
    select user_id, min(order_month) as cohort_month
    from orders
    group by user_id
),

sizes as (
    select cohort_month, {{ row_count() }} as cohort_size
    from cohorts
    group by cohort_month
),

months as (
    select distinct month_start_date
    from {{ ref('dim_date') }}
    where month_start_date <= {{ start_of('month', today_of_shop()) }}
),

active as (
    select
        cohorts.cohort_month as cohort_month,
        orders.order_month as order_month,
        {{ distinct_count('orders.user_id') }} as active_buyer_count,
        {{ row_count() }} as order_count,
        {{ money_total('orders.gmv') }} as gmv
    from orders
    inner join cohorts on orders.user_id = cohorts.user_id
    group by cohorts.cohort_month, orders.order_month
),

filled as (
    select
        sizes.cohort_month as cohort_month,
        months.month_start_date as order_month,
        sizes.cohort_size as cohort_size,
        coalesce(active.active_buyer_count, 0) as active_buyer_count,
        coalesce(active.order_count, 0) as order_count,
        {{ as_type('coalesce(active.gmv, 0)', 'decimal(18,2)') }} as gmv
    from sizes
    inner join months on sizes.cohort_month <= months.month_start_date
    left join active on sizes.cohort_month = active.cohort_month and months.month_start_date = active.order_month
)

select
    {{ not_null('cohort_month') }} as cohort_month,
    {{ not_null('order_month') }} as order_month,
    {{ as_type(
        '12 * (' ~ date_part_of('year', 'order_month') ~ ' - ' ~ date_part_of('year', 'cohort_month') ~ ') + '
        ~ date_part_of('month', 'order_month') ~ ' - ' ~ date_part_of('month', 'cohort_month'), 'int'
    ) }} as months_since_first_order,
    {{ as_type('order_month = ' ~ start_of('month', today_of_shop()), 'boolean') }} as is_in_progress,
    cohort_size,
    active_buyer_count,
    {{ ratio('active_buyer_count', 'cohort_size') }} as retention_rate,
    order_count,
    gmv,
    {{ money_per(
        'sum(gmv) over (partition by cohort_month order by order_month rows between unbounded preceding and current row)', 'cohort_size'
    ) }} as cumulative_gmv_per_buyer
from filled
