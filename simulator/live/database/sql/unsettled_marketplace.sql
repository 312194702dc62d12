select
    'sale' as line_type, orders.channel as payer, orders.currency, orders.order_id,
    orders.total_amount as amount
from orders
where orders.channel in ('lazada', 'tiki') and orders.status in ('delivered', 'returned')
    and orders.delivered_at >= %(since)s and orders.delivered_at < %(until)s
    and not exists (
        select 1 from payout_lines
        inner join payouts on payout_lines.payout_id = payouts.payout_id
        where payout_lines.order_id = orders.order_id and payouts.payer_type = 'marketplace'
    )
order by orders.order_id
