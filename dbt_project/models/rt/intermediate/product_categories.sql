-- Grain: one row per product, with its place in the category tree as it is now.
{{ config(
    materialized='materialized_view',
    order_by='(product_id)',
    refreshable={'interval': 'every ' ~ var('rt_catalogue_refresh_seconds') ~ ' second'},
    catchup=false,
) }}
with products as (
    select product_id, category_id from {{ ref('state_products') }}
),

categories as (
    select category_id, parent_id, level, category_name from {{ ref('state_categories') }}
),

hierarchy as (
    {{ category_hierarchy('categories') }}
)

select
    products.product_id as product_id,
    {{ not_null("coalesce(hierarchy.department, 'unclassified')", 'text') }} as department,
    {{ not_null("coalesce(hierarchy.category, hierarchy.department, 'unclassified')", 'text') }} as category
from products
left join hierarchy on products.category_id = hierarchy.category_id
