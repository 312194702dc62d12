insert into reviews (external_id, order_id, user_id, product_id, rating, title, content, reviewed_at, answered_at)
select
    staged.review_id,
    orders.order_id,
    orders.user_id,
    products.product_id,
    staged.review_score,
    staged.review_comment_title,
    staged.review_comment_message,
    staged.review_creation_date,
    staged.review_answer_timestamp
from staged_olist_order_reviews_dataset as staged
inner join orders on staged.order_id = orders.external_id
left join reviewed_products as reviewed on staged.order_id = reviewed.order_id
left join products on reviewed.product_id = products.external_id
order by staged.line
on conflict (order_id, external_id) do nothing
