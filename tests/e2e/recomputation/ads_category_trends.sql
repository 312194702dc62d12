with sales as (
    select
        l.order_id,
        l.order_date,
        date_trunc('month', l.order_date)::date as month_start_date,
        coalesce(paths.department, 'unclassified') as department,
        coalesce(paths.category, paths.department, 'unclassified') as category,
        l.quantity,
        l.gmv
    from valued_lines l join products p using (product_id) left join category_paths paths using (category_id)
    where l.is_gmv
),
monthly as (
    select
        month_start_date,
        department,
        category,
        count(distinct order_id) as order_count,
        sum(quantity)::bigint as units_sold,
        sum(gmv) as gmv
    from sales
    group by 1, 2, 3
),
compared as (
    select
        m.*,
        m.month_start_date = date_trunc('month', settings.today)::date as is_in_progress,
        (
            select case when count(*) > 0 then coalesce(sum(s.gmv) filter (
                where m.month_start_date <> date_trunc('month', settings.today)::date
                or extract(day from s.order_date) <= extract(day from settings.today)
            ), 0) end
            from sales s
            where s.department = m.department and s.category = m.category
                and s.month_start_date = (m.month_start_date - interval '1 month')::date
        ) as previous_month_gmv
    from monthly m cross join settings
)
select
    month_start_date,
    department,
    category,
    is_in_progress,
    order_count,
    units_sold,
    gmv,
    previous_month_gmv,
    (gmv - previous_month_gmv)::float8 / nullif(previous_month_gmv::float8, 0) as gmv_growth_rate
from compared
