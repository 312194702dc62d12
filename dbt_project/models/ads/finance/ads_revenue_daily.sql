-- Grain: one row per day of the shop on which money was received or given back, or an order was placed that counts towards
-- GMV. Amounts and counts are additive; revenue_per_purchase and avg_order_value are not.
with payments as (
    select
        order_id,
        payment_id,
        payment_date,
        received_amount_reporting,
        is_charged_back,
        chargeback_date,
        charged_back_amount_reporting
    from {{ current_rows(ref('fact_payments')) }}
    where is_received and not is_test
),

receipts as (
    select
        payment_date,
        received_amount_reporting,
        row_number() over (partition by order_id order by payment_date, payment_id) as receipt_number
    from payments
),

movements as (
    select
        payment_date as event_date,
        received_amount_reporting as receipts,
        0 as refunds,
        0 as chargebacks,
        case when receipt_number = 1 then 1 else 0 end as purchase_count,
        0 as order_count,
        0 as gmv
    from receipts
    union all
    select
        chargeback_date as event_date,
        0 as receipts,
        charged_back_amount_reporting as refunds,
        charged_back_amount_reporting as chargebacks,
        0 as purchase_count,
        0 as order_count,
        0 as gmv
    from payments
    where is_charged_back
    union all
    select
        refund_date as event_date,
        0 as receipts,
        refunded_amount_reporting as refunds,
        0 as chargebacks,
        0 as purchase_count,
        0 as order_count,
        0 as gmv
    from {{ current_rows(ref('fact_returns')) }}
    where is_refunded and not is_test
    union all
    select
        order_date as event_date,
        0 as receipts,
        0 as refunds,
        0 as chargebacks,
        0 as purchase_count,
        order_count,
        gmv
    from {{ ref('ads_daily_gmv') }}
    where order_count > 0
),

daily as (
    select
        event_date,
        {{ money_total('receipts') }} as receipts,
        {{ money_total('refunds') }} as refunds,
        {{ money_total('chargebacks') }} as chargebacks,
        {{ money_total('receipts - refunds') }} as total_revenue,
        {{ as_type('sum(purchase_count)', 'bigint') }} as total_purchases,
        {{ as_type('sum(order_count)', 'bigint') }} as order_count,
        {{ money_total('gmv') }} as gmv
    from movements
    group by event_date
)

select
    {{ not_null('event_date') }} as event_date,
    receipts,
    refunds,
    chargebacks,
    total_revenue,
    total_purchases,
    {{ money_per('total_revenue', 'total_purchases') }} as revenue_per_purchase,
    order_count,
    gmv,
    {{ money_per('gmv', 'order_count') }} as avg_order_value
from daily
