select
    items.order_id, items.order_item_id, items.sku_id, items.product_id, items.seller_id,
    (
        select min(taken.warehouse_id) from inventory_log as taken
        where taken.order_item_id = items.order_item_id and taken.movement_type = 'sale'
    ) as warehouse_id,
    items.quantity, items.unit_price, items.unit_cost, items.discount_amount,
    items.discount_amount - case when exists (
        select 1 from voucher_redemptions as redeemed
        inner join vouchers on redeemed.voucher_id = vouchers.voucher_id
        where redeemed.order_id = items.order_id and vouchers.voucher_type = 'free_shipping'
    ) then items.shipping_amount else 0 end as goods_discount_amount,
    items.shipping_amount, items.tax_amount, items.flash_sale_id
from order_items as items
inner join orders on items.order_id = orders.order_id
where status in ('pending', 'confirmed', 'paid', 'packed', 'shipped')
    and ordered_at > %(since)s
order by items.sku_id, items.order_item_id
