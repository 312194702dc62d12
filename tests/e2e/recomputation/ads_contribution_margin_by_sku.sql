select
    m.sku_id, s.sku_code, m.product_id, p.product_name, coalesce(c.department, 'unclassified') as department, c.category,
    p.seller_id,
    count(distinct order_id) as order_count,
    sum(units) as units,
    sum(goods_amount) as goods_amount, sum(seller_discount) as seller_discount, sum(platform_discount) as platform_discount,
    sum(commission) as commission, coalesce(sum(cost_of_goods), 0) as cost_of_goods, sum(shipping_income) as shipping_income,
    sum(shipping_cost) as shipping_cost, sum(payment_fee) as payment_fee, sum(marketplace_fee) as marketplace_fee,
    sum(ad_spend) as ad_spend, coalesce(sum(seller_margin), 0) as seller_margin, sum(platform_margin) as platform_margin,
    coalesce(sum(seller_margin + platform_margin), 0) as contribution_margin,
    (coalesce(sum(seller_margin + platform_margin), 0))::float8 / nullif(sum(goods_amount), 0)::float8 as contribution_margin_rate,
    count(*) filter (where cost_of_goods is null) as line_count_without_cost
from margin_lines m
    join product_skus s using (sku_id)
    join products p on p.product_id = m.product_id
    left join category_paths c using (category_id)
where m.sku_id is not null
group by 1, 2, 3, 4, 5, 6, 7
