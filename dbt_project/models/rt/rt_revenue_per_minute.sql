-- Grain: one row per minute in which money was received or given back. Everything is additive.
with payments as (
    select minute, {{ money_times('amount', exchange_rate('currency', day_of('ordered_at'))) }} as amount
    from {{ state('state_order_money') }} as payments
    where is_there and movement = 'payment' and not is_test and {{ is_received('payments') }} and {{ has_rates() }}
),

refunds as (
    select minute, {{ money_times('amount', exchange_rate('currency', day_of('ordered_at'))) }} as amount
    from {{ state('state_order_money') }} as refunds
    where is_there and movement = 'refund' and not is_test and {{ is_refunded('refunds') }} and {{ has_rates() }}
),

movements as (
    select minute, amount as received_amount, 0 as refunded_amount, 1 as payment_count, 0 as refund_count from payments
    union all
    select minute, 0 as received_amount, amount as refunded_amount, 0 as payment_count, 1 as refund_count from refunds
)

select
    minute,
    {{ not_null(money_total('received_amount'), 'decimal(18,2)') }} as received_amount,
    {{ not_null(money_total('refunded_amount'), 'decimal(18,2)') }} as refunded_amount,
    {{ not_null(money_total('received_amount - refunded_amount'), 'decimal(18,2)') }} as revenue,
    {{ not_null('sum(payment_count)', 'bigint') }} as payment_count,
    {{ not_null('sum(refund_count)', 'bigint') }} as refund_count
from movements
group by minute
