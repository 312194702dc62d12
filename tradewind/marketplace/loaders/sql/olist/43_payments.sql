insert into payments (
    order_id, sequence_number, method, status, currency, amount, installment_count, attempted_at, captured_at
)
select
    orders.order_id,
    staged.payment_sequential,
    case staged.payment_type when 'not_defined' then 'unknown' else staged.payment_type end,
    case
        when orders.status = 'pending' then 'pending'
        when orders.status = 'cancelled' and orders.paid_at is null then 'voided'
        else 'captured'
    end,
    'BRL',
    staged.payment_value,
    greatest(staged.payment_installments, 1),
    orders.ordered_at,
    orders.paid_at
from staged_olist_order_payments_dataset as staged
inner join orders on staged.order_id = orders.external_id
order by staged.line
on conflict (order_id, sequence_number) do nothing
