-- Places as dim_geography has them, which the shop's addresses and observations are the source of: the most frequent spelling.
with spellings as (
    select country, postal_code, city, state, true as is_observed from geolocations
    union all select ship_to_country, ship_to_postal_code, ship_to_city, ship_to_state, false from orders where ship_to_postal_code is not null
    union all select country, postal_code, city, state, false from customers where postal_code is not null
    union all select country, postal_code, city, state, false from sellers where postal_code is not null
    union all select country, postal_code, city, state, false from warehouses where postal_code is not null
),
places as (
    select distinct on (country, postal_code) country, postal_code, city, state
    from (
        select country, postal_code, city, state, is_observed, count(*) as mentions from spellings group by 1, 2, 3, 4, 5
    ) counted
    order by
        country, postal_code, is_observed desc, mentions desc, coalesce(city, '') collate "C", coalesce(state, '') collate "C"
),
positions as (
    select
        country, postal_code,
        percentile_cont(0.5) within group (order by latitude) as latitude,
        percentile_cont(0.5) within group (order by longitude) as longitude
    from geolocations
    group by 1, 2
)
select
    date_trunc('month', v.order_date)::date as order_month,
    o.ship_to_country as country,
    coalesce(p.state, o.ship_to_state, 'unknown') as state,
    coalesce(p.city, o.ship_to_city, 'unknown') as city,
    count(*) as order_count,
    count(distinct v.user_id) as unique_buyers,
    coalesce(sum(l.gmv), 0) as gmv,
    coalesce(sum(l.net_gmv), 0) as net_gmv,
    round(coalesce(sum(l.gmv), 0) / count(*), 2) as avg_order_value,
    count(v.delivered_at) as delivered_order_count,
    count(*) filter (where v.delivered_at > v.estimated_delivery_at) as late_order_count,
    count(*) filter (where v.delivered_at > v.estimated_delivery_at)::float8 / nullif(count(v.delivered_at), 0) as late_delivery_rate,
    percentile_cont(0.5) within group (
        order by (extract(epoch from v.delivered_at - v.ordered_at)::numeric * 1000000)::bigint::float8 / 86400000000
    ) as median_fulfillment_days,
    percentile_cont(0.5) within group (order by g.latitude) as latitude,
    percentile_cont(0.5) within group (order by g.longitude) as longitude
from valued_orders v
    join orders o using (order_id)
    left join lines_per_order l using (order_id)
    left join places p on p.country = o.ship_to_country and p.postal_code = o.ship_to_postal_code
    left join positions g on g.country = o.ship_to_country and g.postal_code = o.ship_to_postal_code
where v.is_gmv
group by 1, 2, 3, 4
