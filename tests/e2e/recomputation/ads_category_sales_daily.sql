select
    order_date as event_date,
    coalesce(c.department, 'unclassified') as department,
    coalesce(c.category, c.department, 'unclassified') as category,
    count(distinct order_id) as order_count,
    sum(quantity) as units_sold,
    sum(gmv) as category_revenue
from valued_lines v join products p using (product_id) left join category_paths c using (category_id)
where is_gmv
group by 1, 2, 3
