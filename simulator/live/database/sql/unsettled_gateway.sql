select
    'refund' as line_type, paid.gateway as payer, paid.currency, paid.order_id, paid.payment_id,
    order_returns.return_id, order_returns.refund_amount as amount, null as stated_fee
from order_returns
inner join payments as paid on order_returns.order_id = paid.order_id
where order_returns.status = 'refunded' and paid.gateway is not null
    and order_returns.refunded_at >= %(since)s and order_returns.refunded_at < %(until)s
    and paid.payment_id = (
        select min(received.payment_id) from payments as received
        where received.order_id = order_returns.order_id
            and received.status in ('captured', 'charged_back')
    )
    and not exists (
        select 1 from payout_lines
        where payout_lines.return_id = order_returns.return_id and payout_lines.payment_id is not null
    )
union all
select
    'sale' as line_type, paid.gateway as payer, paid.currency, paid.order_id, paid.payment_id,
    null as return_id, paid.amount, paid.fee_amount as stated_fee
from payments as paid
where paid.status in ('captured', 'charged_back') and paid.gateway is not null
    and paid.captured_at >= %(since)s and paid.captured_at < %(until)s
    and not exists (
        select 1 from payout_lines
        where payout_lines.payment_id = paid.payment_id and payout_lines.line_type = 'sale'
    )
union all
select
    'refund' as line_type, paid.gateway as payer, paid.currency, paid.order_id, paid.payment_id,
    null as return_id, paid.amount, null as stated_fee
from payments as paid
where paid.status = 'voided' and paid.updated_at >= %(since)s
    and exists (
        select 1 from payout_lines
        where payout_lines.payment_id = paid.payment_id and payout_lines.line_type = 'sale'
    )
    and not exists (
        select 1 from payout_lines
        where payout_lines.payment_id = paid.payment_id and payout_lines.line_type = 'refund'
            and payout_lines.return_id is null
    )
union all
select
    'chargeback' as line_type, paid.gateway as payer, paid.currency, paid.order_id, paid.payment_id,
    null as return_id, paid.amount, null as stated_fee
from payments as paid
where paid.status = 'charged_back' and paid.gateway is not null
    and paid.charged_back_at >= %(since)s and paid.charged_back_at < %(until)s
    and not exists (
        select 1 from payout_lines
        where payout_lines.payment_id = paid.payment_id and payout_lines.line_type = 'chargeback'
    )
order by order_id, payment_id, line_type desc
