insert into product_skus (external_id, product_id, sku_code, price)
select
    sales.product_id,
    products.product_id,
    sales.product_id,
    sales.latest_price
from product_sales as sales
inner join products on sales.product_id = products.external_id
order by products.product_id
on conflict (external_id) do nothing
