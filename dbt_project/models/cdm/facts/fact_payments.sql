-- Grain: one row per payment or attempt to pay. Amounts are additive (within a currency, or in the reporting
-- currency); received_amount leaves out what was never captured.
{{ config(unique_key=['order_id', 'payment_id'], order_by=['order_id', 'payment_id']) }}
{% set fx_rates = ref('ods_fx_rates') %}
with
{% if is_incremental() %}
changed_orders as (
    {{ orders_changed_by(ref('ods_payments'), 'payment_id') }}
    union distinct
    select order_id from {{ changed_rows(ref('ods_orders')) }} as changed
    union distinct
    {{ orders_changed_by_rates(ref('ods_orders'), fx_rates) }}
),
{% endif %}
payments as (
    select *
    from {{ current_rows(ref('ods_payments')) }}
    {{ of_changed_orders() }}
),

orders as (
    select order_id, user_id, is_test, {{ day_of('ordered_at') }} as order_date
    from {{ current_rows(ref('ods_orders')) }}
    {{ of_changed_orders() }}
),

converted as (
    select
        payments.payment_id as payment_id,
        {{ not_null('payments.order_id') }} as order_id,
        orders.user_id as user_id,
        payments.sequence_number as sequence_number,
        payments.method as method,
        payments.gateway as gateway,
        payments.status as status,
        {{ as_type(is_received('payments'), 'boolean') }} as is_received,
        orders.is_test as is_test,
        payments.attempted_at as attempted_at,
        payments.captured_at as captured_at,
        {{ day_of('coalesce(payments.captured_at, payments.attempted_at)') }} as payment_date,
        payments.installment_count as installment_count,
        payments.currency as currency,
        payments.amount as amount,
        payments.fee_amount as fee_amount,
        {{ as_type('case when ' ~ is_received('payments') ~ ' then payments.amount else 0 end', 'decimal(18,2)') }} as received_amount,
        rates.reporting_currency as reporting_currency,
        rates.rate as fx_rate
    from payments
    inner join orders on payments.order_id = orders.order_id
    left join {{ ref('dim_fx_rate') }} as rates
        on payments.currency = rates.currency and orders.order_date = rates.rate_date
),

payment_rows as (
    select
        *,
        {{ money_times('amount', 'fx_rate') }} as amount_reporting,
        {{ money_times('received_amount', 'fx_rate') }} as received_amount_reporting
    from converted
)

{{ versions_of('payment_rows', ['order_id', 'payment_id']) }}
