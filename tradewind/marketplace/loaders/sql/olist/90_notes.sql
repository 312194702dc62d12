-- What a reader of the loaded tables should know: table, rows concerned, what.

select 'orders', count(*), 'have no items in the files: their amounts are 0, their payments are not'
from order_amounts
where subtotal_amount = 0 and shipping_amount = 0

union all

select 'orders', count(*), 'were paid more or less than their items cost (instalment interest, rounding)'
from order_amounts as amounts
inner join (
    select order_id, sum(payment_value) as paid_amount
    from staged_olist_order_payments_dataset
    group by order_id
) as paid on amounts.order_id = paid.order_id
where amounts.subtotal_amount > 0 and amounts.subtotal_amount + amounts.shipping_amount <> paid.paid_amount

union all

select 'orders', count(*), 'are unavailable in the files: loaded as cancelled with that reason'
from staged_olist_orders_dataset
where order_status = 'unavailable'

union all

select 'orders', count(*), 'were cancelled after delivery: cancelled here, the delivery is in shipments'
from staged_olist_orders_dataset
where order_status in ('canceled', 'unavailable') and order_delivered_customer_date is not null

union all

select 'orders', count(*), 'are delivered without a delivery time in the files: delivered_at is null'
from staged_olist_orders_dataset
where order_status = 'delivered' and order_delivered_customer_date is null

union all

select 'orders', count(*), 'have timestamps that run backwards: kept as they are, steps are ordered by number'
from staged_olist_orders_dataset
where order_purchase_timestamp > order_approved_at
    or coalesce(order_approved_at, order_purchase_timestamp) > order_delivered_carrier_date
    or order_delivered_carrier_date > order_delivered_customer_date

union all

select 'payments', count(*), 'have no means of payment in the files: method unknown'
from staged_olist_order_payments_dataset
where payment_type = 'not_defined'

union all

select 'payments', count(*), 'give 0 instalments: loaded as 1'
from staged_olist_order_payments_dataset
where payment_installments = 0

union all

select 'products', count(*), 'have no category'
from staged_olist_products_dataset
where product_category_name is null

union all

select 'products', count(*), 'were sold by several sellers: seller_id is null, order_items has the seller'
from product_sales
where only_seller_id is null

union all

select 'products', count(*), 'were never sold, so no price is known: paused, without an SKU'
from staged_olist_products_dataset as products
where not exists (select from product_sales as sales where sales.product_id = products.product_id)

union all

select 'reviews', count(*), 'are of orders of several products or none: product_id is null'
from staged_olist_order_reviews_dataset as reviews
where not exists (select from reviewed_products as reviewed where reviewed.order_id = reviews.order_id)
