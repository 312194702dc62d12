-- Grain: one row per day with payments or refunds. total_revenue and total_purchases are additive; avg_order_value
-- is not.
with receipts as (
    select
        order_id,
        payment_date as event_date,
        received_amount_reporting as amount,
        row_number() over (partition by order_id order by payment_date, payment_id) as receipt_number
    from {{ current_rows(ref('fact_payments')) }}
    where is_received and not is_test
),

refunds as (
    select refund_date as event_date, refunded_amount_reporting as amount
    from {{ current_rows(ref('fact_returns')) }}
    where is_refunded and not is_test
),

movements as (
    select event_date, amount, case when receipt_number = 1 then 1 else 0 end as purchase_count
    from receipts
    union all
    select event_date, -amount as amount, 0 as purchase_count
    from refunds
),

daily as (
    select
        event_date,
        {{ money_total('amount') }} as total_revenue,
        {{ as_type('sum(purchase_count)', 'bigint') }} as total_purchases
    from movements
    group by event_date
)

select
    {{ not_null('event_date') }} as event_date,
    total_revenue,
    total_purchases,
    {{ money_per('total_revenue', 'total_purchases') }} as avg_order_value
from daily
