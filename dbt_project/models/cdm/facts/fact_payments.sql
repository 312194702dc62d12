-- Grain: one row per payment or attempt to pay. Amounts are additive (within a currency, or in the reporting
-- currency); received_amount is 0 for payments that were not captured, charged_back_amount for those not taken back.
{{ config(unique_key=['order_id', 'payment_id'], order_by=['order_id', 'payment_id']) }}
with
{{ changed_keys('changed_orders', [
    keys_in(ref('ods_payments'), 'order_id', row_id='payment_id'),
    keys_in(ref('int_orders'), 'order_id'),
    keys_of_changed_rates('greatest(payment_date, coalesce(chargeback_date, payment_date))', key='order_id'),
    keys_of_exclusions(ref('ods_payments'), 'payment_id', key='order_id'),
]) }}
payments as (
    select
        *,
        {{ day_of('coalesce(captured_at, attempted_at)') }} as payment_date,
        {{ day_of('charged_back_at') }} as chargeback_date
    from {{ included_rows(ref('ods_payments'), 'payment_id') }} as included
    {{ where_changed('changed_orders', 'order_id') }}
),

orders as (
    select order_id, user_id, is_test
    from {{ current_rows(ref('int_orders')) }}
    {{ where_changed('changed_orders', 'order_id') }}
),

converted as (
    select
        {{ not_null('payments.payment_id') }} as payment_id,
        {{ not_null('payments.order_id') }} as order_id,
        orders.user_id as user_id,
        payments.sequence_number as sequence_number,
        payments.method as method,
        payments.gateway as gateway,
        payments.status as status,
        {{ as_type(is_received('payments'), 'boolean') }} as is_received,
        {{ as_type(is_charged_back('payments'), 'boolean') }} as is_charged_back,
        orders.is_test as is_test,
        payments.attempted_at as attempted_at,
        payments.captured_at as captured_at,
        payments.payment_date as payment_date,
        payments.charged_back_at as charged_back_at,
        payments.chargeback_date as chargeback_date,
        payments.installment_count as installment_count,
        payments.currency as currency,
        payments.amount as amount,
        payments.fee_amount as fee_amount,
        {{ as_type('case when ' ~ is_received('payments') ~ ' then payments.amount else 0 end', 'decimal(18,2)') }} as received_amount,
        {{ as_type('case when ' ~ is_charged_back('payments') ~ ' then payments.amount else 0 end', 'decimal(18,2)') }} as charged_back_amount,
        rates.reporting_currency as reporting_currency,
        rates.rate as fx_rate,
        chargeback_rates.rate as chargeback_fx_rate
    from payments
    inner join orders on payments.order_id = orders.order_id
    left join {{ ref('dim_fx_rate') }} as rates
        on payments.currency = rates.currency and payments.payment_date = rates.rate_date
    left join {{ ref('dim_fx_rate') }} as chargeback_rates
        on payments.currency = chargeback_rates.currency and payments.chargeback_date = chargeback_rates.rate_date
),

payment_rows as (
    select
        *,
        {{ money_times('amount', 'fx_rate') }} as amount_reporting,
        {{ money_times('received_amount', 'fx_rate') }} as received_amount_reporting,
        {{ as_type(
            'case when is_charged_back then ' ~ money_times('charged_back_amount', 'chargeback_fx_rate') ~ ' else 0 end',
            'decimal(18,2)'
        ) }} as charged_back_amount_reporting
    from converted
)

{{ versions_of('payment_rows', changed='changed_orders', key='order_id') }}
