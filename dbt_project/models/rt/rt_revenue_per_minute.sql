-- Grain: one row per minute in which money was received or given back. Everything is additive.
with movements as (
    select
        minute,
        movement,
        amount,
        {{ exchange_rate('currency', day_of('minute')) }} as rate,
        {{ exchange_rate('order_currency', day_of('ordered_at')) }} as order_rate
    from {{ state('state_order_money') }} as movements
    where
        is_there
        and not is_test
        and not {{ is_of_left_out_account('user_id') }}
        and (
            (movement = 'payment' and {{ is_received('movements') }})
            or (movement = 'refund' and {{ is_refunded('movements') }})
        )
),

valued as (
    select
        minute,
        movement,
        if(movement = 'payment', 1, -1) * {{ money_times('amount', 'rate') }} as amount
    from movements
    where rate > 0 and order_rate > 0
)

select
    minute,
    {{ not_null("coalesce(sum(amount) filter (where movement = 'payment'), 0)", 'decimal(18,2)') }} as received_amount,
    {{ not_null("coalesce(-sum(amount) filter (where movement = 'refund'), 0)", 'decimal(18,2)') }} as refunded_amount,
    {{ not_null(money_total('amount'), 'decimal(18,2)') }} as revenue,
    {{ not_null(row_count("movement = 'payment'"), 'bigint') }} as payment_count,
    {{ not_null(row_count("movement = 'refund'"), 'bigint') }} as refund_count
from valued
group by minute
