-- Grain: one row per return request. Quantities and amounts are additive (within a currency, or in the reporting
-- currency); refunded_amount leaves out what was not given back.
{{ config(unique_key=['order_id', 'return_id'], order_by=['order_id', 'return_id']) }}
{% set fx_rates = ref('ods_fx_rates') %}
with
{% if is_incremental() %}
changed_orders as (
    {{ orders_changed_by(ref('ods_order_returns'), 'return_id') }}
    union distinct
    select order_id from {{ changed_rows(ref('ods_orders')) }} as changed
    union distinct
    {{ orders_changed_by_rates(ref('ods_orders'), fx_rates) }}
),
{% endif %}
order_returns as (
    select *
    from {{ current_rows(ref('ods_order_returns')) }}
    {{ of_changed_orders() }}
),

orders as (
    select order_id, user_id, is_test, {{ day_of('ordered_at') }} as order_date
    from {{ current_rows(ref('ods_orders')) }}
    {{ of_changed_orders() }}
),

converted as (
    select
        order_returns.return_id as return_id,
        {{ not_null('order_returns.order_id') }} as order_id,
        order_returns.order_item_id as order_item_id,
        orders.user_id as user_id,
        order_returns.status as status,
        order_returns.reason as reason,
        {{ as_type(is_refunded('order_returns'), 'boolean') }} as is_refunded,
        orders.is_test as is_test,
        order_returns.requested_at as requested_at,
        order_returns.refunded_at as refunded_at,
        {{ day_of('order_returns.refunded_at') }} as refund_date,
        order_returns.quantity as quantity,
        order_returns.currency as currency,
        order_returns.refund_amount as refund_amount,
        {{ as_type('case when ' ~ is_refunded('order_returns') ~ ' then order_returns.refund_amount else 0 end', 'decimal(18,2)') }} as refunded_amount,
        rates.reporting_currency as reporting_currency,
        rates.rate as fx_rate
    from order_returns
    inner join orders on order_returns.order_id = orders.order_id
    left join {{ ref('dim_fx_rate') }} as rates
        on order_returns.currency = rates.currency and orders.order_date = rates.rate_date
),

return_rows as (
    select
        *,
        {{ money_times('refunded_amount', 'fx_rate') }} as refunded_amount_reporting
    from converted
)

{{ versions_of('return_rows', ['order_id', 'return_id']) }}
