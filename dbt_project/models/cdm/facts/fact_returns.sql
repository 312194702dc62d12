-- Grain: one row per return request. Quantities and amounts are additive (within a currency, or in the reporting
-- currency); refunded_amount is 0 until the refund is paid.
{{ config(unique_key=['order_id', 'return_id'], order_by=['order_id', 'return_id']) }}
with
{{ changed_keys('changed_orders', [
    keys_in(ref('ods_order_returns'), 'order_id', row_id='return_id'),
    keys_in(ref('int_orders'), 'order_id'),
    keys_of_changed_rates('refund_date', key='order_id'),
    keys_of_exclusions(ref('ods_order_returns'), 'return_id', key='order_id'),
]) }}
order_returns as (
    select *, {{ day_of('refunded_at') }} as refund_date
    from {{ included_rows(ref('ods_order_returns'), 'return_id') }} as included
    {{ where_changed('changed_orders', 'order_id') }}
),

orders as (
    select order_id, user_id, is_test
    from {{ current_rows(ref('int_orders')) }}
    {{ where_changed('changed_orders', 'order_id') }}
),

converted as (
    select
        {{ not_null('order_returns.return_id') }} as return_id,
        {{ not_null('order_returns.order_id') }} as order_id,
        order_returns.order_item_id as order_item_id,
        orders.user_id as user_id,
        order_returns.status as status,
        order_returns.reason as reason,
        {{ as_type(is_refunded('order_returns'), 'boolean') }} as is_refunded,
        orders.is_test as is_test,
        order_returns.requested_at as requested_at,
        {{ day_of('order_returns.requested_at') }} as requested_date,
        order_returns.refunded_at as refunded_at,
        order_returns.refund_date as refund_date,
        order_returns.quantity as quantity,
        order_returns.currency as currency,
        order_returns.refund_amount as refund_amount,
        {{ as_type('case when ' ~ is_refunded('order_returns') ~ ' then order_returns.refund_amount else 0 end', 'decimal(18,2)') }} as refunded_amount,
        rates.reporting_currency as reporting_currency,
        rates.rate as fx_rate
    from order_returns
    inner join orders on order_returns.order_id = orders.order_id
    left join {{ ref('dim_fx_rate') }} as rates
        on order_returns.currency = rates.currency and order_returns.refund_date = rates.rate_date
),

return_rows as (
    select
        *,
        {{ as_type('case when is_refunded then ' ~ money_times('refunded_amount', 'fx_rate') ~ ' else 0 end', 'decimal(18,2)') }} as refunded_amount_reporting
    from converted
)

{{ versions_of('return_rows', changed='changed_orders', key='order_id') }}
