with lines as (
    select v.order_item_id, v.order_id, v.user_id, v.quantity, v.order_date, v.gmv, i.sku_id, i.flash_sale_id
    from valued_lines v join order_items i using (order_item_id)
    where v.is_gmv
),
first_orders as (
    select distinct on (user_id) order_id from valued_orders where is_gmv order by user_id, ordered_at, order_id
),
sold as (
    select
        flash_sale_id, sum(quantity) as units, count(distinct order_id) as orders, count(distinct l.user_id) as buyers,
        count(distinct l.user_id) filter (where order_id in (select order_id from first_orders)) as new_buyers,
        sum(gmv) as gmv, coalesce(sum(seller_margin + platform_margin), 0) as margin
    from lines l join (select order_item_id, seller_margin, platform_margin from margin_lines) m using (order_item_id)
    where flash_sale_id is not null
    group by flash_sale_id
),
sales as (
    select
        f.*, k.product_id, p.product_name, p.currency, f.starts_at::date as start_date,
        (extract(epoch from ends_at - starts_at)::numeric * 1000000)::bigint::float8 / 86400000000 as days,
        (
            select price from (
                select valid_from, price from sku_price_history h where h.sku_id = f.sku_id
                union all
                select '-infinity', price from product_skus s
                where s.sku_id = f.sku_id and not exists (select from sku_price_history h where h.sku_id = f.sku_id)
            ) known
            order by valid_from > f.starts_at, abs(extract(epoch from f.starts_at - valid_from)) limit 1
        ) as list_price,
        (
            select coalesce(sum(quantity), 0) from lines
            where lines.sku_id = f.sku_id and order_date < f.starts_at::date and order_date >= f.starts_at::date - 28
        ) as usual
    from flash_sales f join product_skus k using (sku_id) join products p using (product_id)
)
select
    flash_sale_id, sku_id, product_id, product_name, campaign_id,
    starts_at at time zone 'UTC' as starts_at,
    ends_at at time zone 'UTC' as ends_at,
    start_date, currency, sale_price, list_price,
    (list_price - sale_price)::float8 / nullif(list_price, 0)::float8 as discount_rate,
    quota,
    coalesce(units, 0) as units_sold,
    coalesce(units, 0)::float8 / quota as sold_rate,
    coalesce(orders, 0) as order_count,
    coalesce(buyers, 0) as unique_buyers,
    coalesce(new_buyers, 0) as new_buyer_count,
    coalesce(gmv, 0) as gmv,
    coalesce(margin, 0) as contribution_margin,
    coalesce(units, 0)::float8 / days as daily_units,
    usual::float8 / 28 as usual_daily_units
from sales left join sold using (flash_sale_id)
