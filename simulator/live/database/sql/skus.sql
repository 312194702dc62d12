with recursive roots (category_id, department) as (
    select category_id, category_name from categories where parent_id is null
    union all
    select categories.category_id, roots.department
    from categories inner join roots on categories.parent_id = roots.category_id
),

sold as (
    select sku_id, sum(quantity) as pieces, max(seller_id) as seller_id from order_items group by sku_id
)

select
    product_skus.sku_id,
    product_skus.product_id,
    products.category_id,
    coalesce(products.seller_id, sold.seller_id) as seller_id,
    products.supplier_id,
    coalesce(roots.department, 'other') as department,
    product_skus.price,
    product_skus.cost,
    products.currency,
    coalesce(sold.pieces, 0) as sold
from product_skus
inner join products on product_skus.product_id = products.product_id
left join roots on products.category_id = roots.category_id
left join sold on product_skus.sku_id = sold.sku_id
where product_skus.status = 'active' and products.status = 'active' and product_skus.price > 0
    and coalesce(products.seller_id, sold.seller_id) is not null
order by product_skus.sku_id
