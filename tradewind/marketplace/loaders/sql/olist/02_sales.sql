-- Facts that several tables need: an order's amounts, a product's sales, the product a review is of.

create temporary table order_amounts on commit drop as
select
    orders.order_id,
    orders.customer_id,
    coalesce(sum(items.price), 0)::numeric(18, 2) as subtotal_amount,
    coalesce(sum(items.freight_value), 0)::numeric(18, 2) as shipping_amount
from staged_olist_orders_dataset as orders
left join staged_olist_order_items_dataset as items on orders.order_id = items.order_id
group by orders.order_id, orders.customer_id;

create temporary table product_sales on commit drop as
select
    items.product_id,
    min(orders.order_purchase_timestamp) as first_sold_at,
    (
        array_agg(items.price order by orders.order_purchase_timestamp desc, items.order_id, items.order_item_id)
    )[1] as latest_price,
    case when count(distinct items.seller_id) = 1 then min(items.seller_id) end as only_seller_id
from staged_olist_order_items_dataset as items
inner join staged_olist_orders_dataset as orders on items.order_id = orders.order_id
group by items.product_id;

create temporary table reviewed_products on commit drop as
select order_id, min(product_id) as product_id
from staged_olist_order_items_dataset
group by order_id
having count(distinct product_id) = 1;

create temporary table product_ratings on commit drop as
select reviewed.product_id, round(avg(reviews.review_score), 2) as rating_avg, count(*) as review_count
from staged_olist_order_reviews_dataset as reviews
inner join reviewed_products as reviewed on reviews.order_id = reviewed.order_id
group by reviewed.product_id;

create unique index on order_amounts (order_id);
create unique index on product_sales (product_id);
create unique index on reviewed_products (order_id);
create unique index on product_ratings (product_id);
analyze order_amounts;
analyze product_sales;
analyze reviewed_products;
analyze product_ratings;
