-- Grain: one row per order. A rate is not additive.
{{ config(unique_key='order_id', order_by='order_id') }}
with
{{ changed_keys('changed_orders', [
    keys_in(ref('ods_orders'), 'order_id'),
    keys_of_changed_rates('order_date', key='order_id'),
]) }}
orders as (
    select order_id, currency, {{ day_of('ordered_at') }} as order_date
    from {{ current_rows(ref('ods_orders')) }}
    {{ where_changed('changed_orders', 'order_id') }}
),

order_rates as (
    select
        {{ not_null('orders.order_id') }} as order_id,
        orders.currency as currency,
        orders.order_date as order_date,
        rates.reporting_currency as reporting_currency,
        rates.rate as fx_rate
    from orders
    left join {{ ref('dim_fx_rate') }} as rates on orders.currency = rates.currency and orders.order_date = rates.rate_date
)

{{ versions_of('order_rates', changed='changed_orders', key='order_id') }}
