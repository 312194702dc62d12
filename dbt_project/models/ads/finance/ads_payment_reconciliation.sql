-- Grain: one row per claim of the platform: a payment that a gateway handled, or a delivered order of a marketplace that pays
-- out. Amounts are additive within a currency.
with refunds as (
    select order_id, {{ money_total('refund_amount') }} as refunded_amount, max({{ day_of('refunded_at') }}) as refund_date
    from {{ current_rows(ref('ods_order_returns')) }} as order_returns
    where {{ is_refunded('order_returns') }}
    group by order_id
),

payments as (
    select
        *,
        {{ is_received('payments') }} as is_received,
        {{ is_charged_back('payments') }} as is_charged_back,
        row_number() over (
            partition by order_id order by case when {{ is_received('payments') }} then 0 else 1 end, payment_id
        ) as choice
    from {{ current_rows(ref('ods_payments')) }} as payments
),

payouts as (
    select payout_id, payer_type, payer, status
    from {{ current_rows(ref('ods_payouts')) }}
    where payer_type <> 'platform'
),

announced as (
    select
        payouts.payer_type as payer_type,
        case when payouts.payer_type = 'gateway' then payout_lines.payment_id else payout_lines.order_id end as claimed_id,
        {{ money_total('payout_lines.gross_amount') }} as announced_gross,
        {{ money_total('payout_lines.fee_amount') }} as announced_fee,
        {{ money_total("case when payouts.status = 'paid' then payout_lines.net_amount end") }} as transferred_amount
    from {{ current_rows(ref('ods_payout_lines')) }} as payout_lines
    inner join payouts on payout_lines.payout_id = payouts.payout_id
    group by payouts.payer_type, case when payouts.payer_type = 'gateway' then payout_lines.payment_id else payout_lines.order_id end
),

-- Of a received payment: what came in, less its chargeback, and less the order's refunds for the first payment of an order. A
-- payment that was voided afterwards is worth nothing, but its fee is not given back.
claims as (
    select
        'gateway' as payer_type,
        payments.payment_id as claimed_id,
        payments.gateway as payer,
        payments.order_id as order_id,
        payments.payment_id as payment_id,
        {{ day_of('coalesce(payments.captured_at, payments.attempted_at)') }} as claim_date,
        {{ day_of('payments.charged_back_at') }} as chargeback_date,
        case when payments.choice = 1 then refunds.refund_date end as refund_date,
        payments.currency as currency,
        case when payments.is_received and not payments.is_charged_back then payments.amount else 0 end
        - case when payments.is_received and payments.choice = 1 then coalesce(refunds.refunded_amount, 0) else 0 end as expected_gross,
        payments.fee_amount as expected_fee
    from payments
    left join refunds on payments.order_id = refunds.order_id
    where
        payments.gateway is not null
        and (payments.is_received or payments.payment_id in (select claimed_id from announced where payer_type = 'gateway'))
    union all
    select
        'marketplace' as payer_type,
        order_id as claimed_id,
        channel as payer,
        order_id,
        null as payment_id,
        {{ day_of('delivered_at') }} as claim_date,
        null as chargeback_date,
        null as refund_date,
        currency,
        total_amount as expected_gross,
        null as expected_fee
    from {{ current_rows(ref('ods_orders')) }}
    where delivered_at is not null and channel in (select payer from payouts where payer_type = 'marketplace')
),

compared as (
    select
        claims.*,
        announced.claimed_id is not null as is_announced,
        coalesce(announced.announced_gross, 0) as announced_gross,
        coalesce(announced.announced_fee, 0) as announced_fee,
        coalesce(announced.transferred_amount, 0) as transferred_amount,
        greatest(claims.claim_date, coalesce(claims.chargeback_date, claims.claim_date), coalesce(claims.refund_date, claims.claim_date))
        > {{ days_before(today_of_shop(), var('payout_grace_days')) }} as is_recent
    from claims
    left join announced on claims.payer_type = announced.payer_type and claims.claimed_id = announced.claimed_id
),

judged as (
    select
        *,
        case
            when announced_gross <> expected_gross and is_recent then 'open'
            when not is_announced then 'missing'
            when announced_gross <> expected_gross then 'amount_differs'
            when announced_fee <> expected_fee then 'fee_differs'
            when transferred_amount <> announced_gross - announced_fee then 'announced'
            else 'settled'
        end as status
    from compared
)

select
    {{ assume_not_null(
        "concat(case payer_type when 'gateway' then 'payment ' else 'order ' end, " ~ as_type('claimed_id', 'text') ~ ')', 'text'
    ) }} as claim_id,
    {{ as_type('payer_type', 'text') }} as payer_type,
    payer,
    order_id,
    {{ as_type('payment_id', 'bigint') }} as payment_id,
    claim_date,
    currency,
    {{ as_type('expected_gross', 'decimal(18,2)') }} as expected_gross,
    {{ as_type('expected_fee', 'decimal(18,2)') }} as expected_fee,
    {{ as_type('announced_gross', 'decimal(18,2)') }} as announced_gross,
    {{ as_type('announced_fee', 'decimal(18,2)') }} as announced_fee,
    {{ as_type('transferred_amount', 'decimal(18,2)') }} as transferred_amount,
    {{ as_type('announced_gross - expected_gross', 'decimal(18,2)') }} as gross_difference,
    {{ as_type('announced_fee - expected_fee', 'decimal(18,2)') }} as fee_difference,
    {{ as_type('status', 'text') }} as status
from judged
