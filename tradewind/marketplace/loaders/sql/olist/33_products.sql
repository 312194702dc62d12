insert into products (
    external_id, category_id, seller_id, product_name, attributes, weight_g, length_cm, width_cm, height_cm,
    status, currency, min_price, rating_avg, review_count, listed_at
)
select
    staged.product_id,
    categories.category_id,
    sellers.seller_id,
    concat_ws(' ', coalesce(categories.category_name, 'product'), left(staged.product_id, 8)),
    jsonb_strip_nulls(
        jsonb_build_object(
            'name_length', staged.product_name_lenght,
            'description_length', staged.product_description_lenght,
            'photo_count', staged.product_photos_qty
        )
    ),
    staged.product_weight_g,
    staged.product_length_cm,
    staged.product_width_cm,
    staged.product_height_cm,
    case when sales.product_id is null then 'paused' else 'active' end,
    'BRL',
    sales.latest_price,
    ratings.rating_avg,
    coalesce(ratings.review_count, 0),
    coalesce(
        sales.first_sold_at,
        (select min(order_purchase_timestamp) from staged_olist_orders_dataset),
        now()
    )
from staged_olist_products_dataset as staged
left join product_sales as sales on staged.product_id = sales.product_id
left join product_ratings as ratings on staged.product_id = ratings.product_id
left join categories on staged.product_category_name = categories.external_id
left join sellers on sales.only_seller_id = sellers.external_id
order by staged.line
on conflict (external_id) do nothing
