-- Grain: one row per seller. Order counts and amounts are additive, rates and ratings are not.
with sellers as (
    select seller_id, seller_name, status, tier, commission_rate, city, state, postal_code, country, joined_at
    from {{ current_rows(ref('ods_sellers')) }}
),

sales as (
    select
        seller_id,
        {{ distinct_count('order_id') }} as order_count,
        {{ money_total('line_amount_reporting') }} as gmv_amount_reporting
    from {{ current_rows(ref('fact_order_items')) }}
    where is_gmv
    group by seller_id
),

sold_products as (
    select distinct seller_id, order_id, product_id
    from {{ current_rows(ref('fact_order_items')) }}
    where not is_test
),

seller_reviews as (
    select distinct
        sold_products.seller_id as seller_id,
        reviews.review_id as review_id,
        reviews.rating as rating
    from sold_products
    inner join {{ current_rows(ref('ods_reviews')) }} as reviews
        on
            sold_products.order_id = reviews.order_id
            and (sold_products.product_id = reviews.product_id or reviews.product_id is null)
),

ratings as (
    select
        seller_id,
        {{ row_count() }} as review_count,
        {{ money_per('sum(rating)', 'count(*)') }} as rating_avg
    from seller_reviews
    group by seller_id
),

measured as (
    select
        sellers.seller_id as seller_id,
        sellers.seller_name as seller_name,
        sellers.status as status,
        sellers.tier as contract_tier,
        sellers.commission_rate as commission_rate,
        sellers.city as city,
        sellers.state as state,
        sellers.country as country,
        concat(sellers.country, '-', sellers.postal_code) as geography_id,
        {{ day_of('sellers.joined_at') }} as joined_date,
        coalesce(sales.order_count, 0) as order_count,
        {{ as_type('coalesce(sales.gmv_amount_reporting, 0)', 'decimal(18,2)') }} as gmv_amount_reporting,
        coalesce(ratings.review_count, 0) as review_count,
        ratings.rating_avg as rating_avg
    from sellers
    left join sales on sellers.seller_id = sales.seller_id
    left join ratings on sellers.seller_id = ratings.seller_id
)

select
    seller_id,
    seller_name,
    status,
    {{ tier_of(var('seller_tiers')) }} as tier,
    contract_tier,
    commission_rate,
    city,
    state,
    country,
    geography_id,
    joined_date,
    order_count,
    gmv_amount_reporting,
    review_count,
    rating_avg
from measured
