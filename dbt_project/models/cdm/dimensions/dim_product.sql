-- Grain: one row per product. Counts are additive, prices and ratings are not.
with products as (
    select
        product_id,
        category_id,
        seller_id,
        product_name,
        brand,
        status,
        currency,
        min_price,
        weight_g,
        rating_avg,
        review_count,
        listed_at
    from {{ current_rows(ref('ods_products')) }}
),

categories as (
    select category_id, parent_id, level, category_name
    from {{ current_rows(ref('ods_categories')) }}
),

hierarchy as (
    {{ category_hierarchy('categories') }}
),

skus as (
    select product_id, {{ row_count() }} as sku_count
    from {{ current_rows(ref('ods_product_skus')) }}
    group by product_id
),

priced as (
    select product_id, {{ tercile('currency', 'min_price') }} as price_tercile
    from products
    where min_price is not null
)

select
    products.product_id as product_id,
    products.product_name as product_name,
    products.brand as brand,
    products.seller_id as seller_id,
    products.status as status,
    products.category_id as category_id,
    coalesce(hierarchy.department, 'unclassified') as department,
    hierarchy.category as category,
    hierarchy.subcategory as subcategory,
    products.currency as currency,
    products.min_price as min_price,
    case priced.price_tercile when 1 then 'budget' when 2 then 'standard' when 3 then 'premium' else 'unpriced' end as price_tier,
    products.weight_g as weight_g,
    products.rating_avg as rating_avg,
    products.review_count as review_count,
    coalesce(skus.sku_count, 0) as sku_count,
    {{ day_of('products.listed_at') }} as listed_date
from products
left join hierarchy on products.category_id = hierarchy.category_id
left join skus on products.product_id = skus.product_id
left join priced on products.product_id = priced.product_id
