select
    sold.line_type, 'platform' as payer, items.seller_id, orders.currency, items.order_id, items.order_item_id,
    sold.return_id, items.quantity * items.unit_price as amount,
    items.discount_amount - case when exists (
        select 1 from voucher_redemptions as redeemed
        inner join vouchers on redeemed.voucher_id = vouchers.voucher_id
        where redeemed.order_id = items.order_id and vouchers.voucher_type = 'free_shipping'
    ) then items.shipping_amount else 0 end as goods_discount_amount,
    exists (
        select 1 from voucher_redemptions as redeemed
        inner join vouchers on redeemed.voucher_id = vouchers.voucher_id
        where redeemed.order_id = items.order_id and vouchers.funded_by = 'seller'
    ) as is_seller_funded,
    coalesce(
        (
            select contract.commission_rate from seller_contract_history as contract
            where contract.seller_id = items.seller_id and contract.valid_from <= orders.ordered_at
            order by contract.valid_from desc
            limit 1
        ),
        sellers.commission_rate
    ) as commission_rate
from (
    select delivered_items.order_item_id, null as return_id, 'sale' as line_type
    from orders as delivered
    inner join order_items as delivered_items on delivered.order_id = delivered_items.order_id
    where delivered.status in ('delivered', 'returned') and not delivered.is_test
        and delivered.delivered_at >= %(since)s and delivered.delivered_at < %(until)s
        and not exists (
            select 1 from payout_lines
            where payout_lines.order_item_id = delivered_items.order_item_id
                and payout_lines.line_type = 'sale'
        )
    union all
    select order_returns.order_item_id, order_returns.return_id, 'refund' as line_type
    from order_returns
    where order_returns.status = 'refunded' and order_returns.order_item_id is not null
        and order_returns.refunded_at >= %(since)s and order_returns.refunded_at < %(until)s
        and not exists (
            select 1 from payout_lines
            where payout_lines.return_id = order_returns.return_id
                and payout_lines.order_item_id is not null
        )
) as sold
inner join order_items as items on sold.order_item_id = items.order_item_id
inner join orders on items.order_id = orders.order_id
inner join sellers on items.seller_id = sellers.seller_id
order by items.order_id, items.order_item_id, sold.line_type desc
