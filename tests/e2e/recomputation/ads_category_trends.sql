with monthly as (
    select
        date_trunc('month', l.order_date)::date as month_start_date,
        coalesce(paths.department, 'unclassified') as department,
        coalesce(paths.category, paths.department, 'unclassified') as category,
        count(distinct l.order_id) as order_count,
        sum(l.quantity)::bigint as units_sold,
        sum(l.gmv) as gmv
    from valued_lines l join products p using (product_id) left join category_paths paths using (category_id)
    where l.is_gmv
    group by 1, 2, 3
)
select
    m.month_start_date,
    m.department,
    m.category,
    m.order_count,
    m.units_sold,
    m.gmv,
    before.gmv as previous_month_gmv,
    (m.gmv - before.gmv)::float8 / nullif(before.gmv::float8, 0) as gmv_growth_rate
from monthly m
    left join monthly before
        on before.department = m.department and before.category = m.category
        and m.month_start_date = before.month_start_date + interval '1 month'
