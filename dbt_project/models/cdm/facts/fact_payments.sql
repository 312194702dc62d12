-- Grain: one row per payment or attempt to pay. Amounts are additive (within a currency, or in the reporting
-- currency); received_amount is 0 for payments that were not captured.
{{ config(unique_key=['order_id', 'payment_id'], order_by=['order_id', 'payment_id']) }}
with
{{ changed_keys('changed_orders', [
    keys_in(ref('ods_payments'), 'order_id', row_id='payment_id'),
    keys_in(ref('ods_orders'), 'order_id'),
    keys_in(ref('int_order_rates'), 'order_id'),
    keys_of_exclusions(ref('ods_payments'), 'payment_id', key='order_id'),
]) }}
payments as (
    select *
    from {{ included_rows(ref('ods_payments'), 'payment_id') }} as included
    {{ where_changed('changed_orders', 'order_id') }}
),

orders as (
    select order_id, user_id, is_test
    from {{ current_rows(ref('ods_orders')) }}
    {{ where_changed('changed_orders', 'order_id') }}
),

rates as (
    select order_id, currency, reporting_currency, fx_rate
    from {{ current_rows(ref('int_order_rates')) }}
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
        rates.fx_rate as fx_rate
    from payments
    inner join orders on payments.order_id = orders.order_id
    left join rates
        on payments.order_id = rates.order_id and payments.currency = rates.currency
),

payment_rows as (
    select
        *,
        {{ money_times('amount', 'fx_rate') }} as amount_reporting,
        {{ money_times('received_amount', 'fx_rate') }} as received_amount_reporting
    from converted
)

{{ versions_of('payment_rows', changed='changed_orders', key='order_id') }}
