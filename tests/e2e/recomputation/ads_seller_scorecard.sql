with seller_reviews as (
    select seller_id, count(*) as review_count, round(avg(rating), 2) as rating_avg
    from (
        select distinct l.seller_id, r.review_id, r.rating
        from reviews r
            join valued_lines l
                on l.order_id = r.order_id and coalesce(r.product_id, l.product_id) = l.product_id
        where not l.is_test
    ) reviewed
    group by seller_id
),
seller_orders as (
    select
        seller_id,
        order_id,
        bool_or(is_gmv) as is_gmv,
        bool_or(status = 'cancelled') as is_cancelled,
        bool_or(is_delivered) as is_delivered,
        bool_or(is_late) as is_late,
        max((fulfillment_seconds * 1000000)::bigint::float8 / 86400000000) as fulfillment_days,
        sum(quantity) as units,
        sum(gmv) as gmv,
        sum(commission) as commission
    from valued_lines
    where not is_test
    group by seller_id, order_id
),
performance as (
    select
        seller_id,
        count(*) as placed_order_count,
        count(*) filter (where is_gmv) as order_count,
        count(*) filter (where is_cancelled) as cancelled_order_count,
        count(*) filter (where is_delivered) as delivered_order_count,
        count(*) filter (where is_late) as late_order_count,
        coalesce(sum(units) filter (where is_gmv), 0)::bigint as units_sold,
        coalesce(sum(gmv) filter (where is_gmv), 0) as gmv,
        coalesce(sum(commission) filter (where is_gmv), 0) as commission,
        percentile_cont(0.5) within group (order by fulfillment_days) as median_fulfillment_days
    from seller_orders
    group by seller_id
),
figures as (
    select
        s.seller_id,
        s.seller_name,
        s.country,
        s.state,
        s.city,
        coalesce(p.placed_order_count, 0) as placed_order_count,
        coalesce(p.order_count, 0) as order_count,
        coalesce(p.units_sold, 0) as units_sold,
        coalesce(p.gmv, 0) as gmv,
        coalesce(p.commission, 0) as commission,
        round(p.gmv / nullif(p.order_count, 0), 2) as avg_order_value,
        p.cancelled_order_count::float8 / nullif(p.placed_order_count, 0) as cancellation_rate,
        p.late_order_count::float8 / nullif(p.delivered_order_count, 0) as late_delivery_rate,
        p.median_fulfillment_days,
        r.rating_avg,
        coalesce(r.review_count, 0) as review_count
    from sellers s
        left join performance p using (seller_id)
        left join seller_reviews r using (seller_id)
)
select
    seller_id,
    seller_name,
    (
        select tiers.name from tiers
        where figures.gmv >= tiers.gmv and coalesce(figures.rating_avg, 0) >= tiers.rating
        order by tiers.place limit 1
    ) as tier,
    country,
    state,
    city,
    placed_order_count,
    order_count,
    units_sold,
    gmv,
    commission,
    avg_order_value,
    cancellation_rate,
    late_delivery_rate,
    median_fulfillment_days,
    rating_avg,
    review_count,
    rank() over (order by gmv desc) as gmv_rank
from figures
