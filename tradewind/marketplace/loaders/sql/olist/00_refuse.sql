-- Rows that repeat a key or refer to a row that is not there.

select pg_temp.refuse_repeated('olist_customers_dataset', 'customer_id');
select pg_temp.refuse_repeated('olist_sellers_dataset', 'seller_id');
select pg_temp.refuse_repeated('product_category_name_translation', 'product_category_name');
select pg_temp.refuse_repeated('olist_products_dataset', 'product_id');
select pg_temp.refuse_repeated('olist_orders_dataset', 'order_id');
select pg_temp.refuse_repeated('olist_order_items_dataset', 'order_id, order_item_id');
select pg_temp.refuse_repeated('olist_order_payments_dataset', 'order_id, payment_sequential');
select pg_temp.refuse_repeated('olist_order_reviews_dataset', 'order_id, review_id');

select pg_temp.refuse_unknown('olist_orders_dataset', 'customer_id', 'olist_customers_dataset');
select pg_temp.refuse_unknown('olist_order_items_dataset', 'order_id', 'olist_orders_dataset');
select pg_temp.refuse_unknown('olist_order_items_dataset', 'product_id', 'olist_products_dataset');
select pg_temp.refuse_unknown('olist_order_items_dataset', 'seller_id', 'olist_sellers_dataset');
select pg_temp.refuse_unknown('olist_order_payments_dataset', 'order_id', 'olist_orders_dataset');
select pg_temp.refuse_unknown('olist_order_reviews_dataset', 'order_id', 'olist_orders_dataset');
