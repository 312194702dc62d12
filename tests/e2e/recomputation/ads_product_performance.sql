with sales as (
    select
        product_id,
        count(distinct order_id) as order_count,
        sum(quantity)::bigint as units_sold,
        sum(gmv) as gmv,
        sum(gross_margin) as gross_margin,
        sum(net_amount) filter (where gross_margin is not null) as net_amount_with_cost,
        min(order_date) as first_sold_date,
        max(order_date) as last_sold_date
    from valued_lines
    where is_gmv
    group by product_id
),
returned as (
    select l.product_id, count(distinct r.return_id) as return_count
    from order_returns r
        join valued_lines l
            on l.order_id = r.order_id and coalesce(r.order_item_id, l.order_item_id) = l.order_item_id
    where not l.is_test
    group by l.product_id
),
rated as (
    select r.product_id, count(*) as review_count, round(avg(r.rating), 2) as rating_avg
    from reviews r join valued_orders o using (order_id)
    where not o.is_test
    group by r.product_id
),
prices as (
    select
        product_id,
        3 * (rank() over (partition by currency order by min_price) - 1) / count(*) over (partition by currency) as third
    from products
    where min_price is not null
)
select
    p.product_id,
    p.product_name,
    coalesce(paths.department, 'unclassified') as department,
    paths.category,
    paths.subcategory,
    p.seller_id,
    coalesce((array['budget', 'standard', 'premium'])[prices.third + 1], 'unpriced') as price_tier,
    rated.rating_avg,
    coalesce(rated.review_count, 0) as review_count,
    coalesce(sales.order_count, 0) as order_count,
    coalesce(sales.units_sold, 0) as units_sold,
    coalesce(sales.gmv, 0) as gmv,
    sales.gross_margin,
    100 * (sales.gross_margin::float8 / nullif(sales.net_amount_with_cost::float8, 0)) as margin_pct,
    coalesce(returned.return_count, 0) as return_count,
    sales.first_sold_date,
    sales.last_sold_date,
    rank() over (order by coalesce(sales.gmv, 0) desc) as gmv_rank
from products p
    left join category_paths paths using (category_id)
    left join prices using (product_id)
    left join sales using (product_id)
    left join returned using (product_id)
    left join rated using (product_id)
