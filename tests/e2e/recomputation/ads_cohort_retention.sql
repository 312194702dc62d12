with purchases as (
    select user_id, date_trunc('month', order_date)::date as month, gmv
    from valued_orders left join lines_per_order using (order_id)
    where is_gmv
),
cohorts as (
    select user_id, min(month) as cohort from purchases group by user_id
),
sizes as (
    select cohort, count(*) as size from cohorts group by cohort
),
rows as (
    select
        sizes.cohort, months.month::date as month, size,
        count(distinct p.user_id) as active, count(p.user_id) as orders, coalesce(sum(p.gmv), 0) as gmv
    from sizes
        cross join settings
        cross join generate_series(sizes.cohort, settings.today, '1 month') as months (month)
        left join (purchases join cohorts c using (user_id)) p on p.cohort = sizes.cohort and p.month = months.month
    group by 1, 2, 3
)
select
    cohort as cohort_month,
    month as order_month,
    extract(year from age(month, cohort))::int * 12 + extract(month from age(month, cohort))::int as months_since_first_order,
    month = date_trunc('month', settings.today)::date as is_in_progress,
    size as cohort_size,
    active as active_buyer_count,
    active::float8 / size as retention_rate,
    orders as order_count,
    gmv,
    round(sum(gmv) over (partition by cohort order by month) / size, 2) as cumulative_gmv_per_buyer
from rows cross join settings
