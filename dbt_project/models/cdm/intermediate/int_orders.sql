-- Grain: one row per order. A rate is not additive.
{{ config(unique_key='order_id', order_by='order_id') }}
with
{{ changed_keys('changed_orders', [
    keys_in(ref('ods_orders'), 'order_id'),
    keys_referring_to(ref('ods_users'), 'user_id', referring=ref('ods_orders'), key='order_id'),
    keys_of_changed_rates('order_date', key='order_id'),
]) }}
orders as (
    select order_id, user_id, is_test, currency, {{ day_of('ordered_at') }} as order_date
    from {{ current_rows(ref('ods_orders')) }}
    {{ where_changed('changed_orders', 'order_id') }}
),

users as (
    select user_id, {{ as_type(is_left_out('users'), 'boolean') }} as is_left_out
    from {{ current_rows(ref('ods_users')) }} as users
),

order_rows as (
    select
        {{ not_null('orders.order_id') }} as order_id,
        orders.user_id as user_id,
        {{ as_type('orders.is_test or coalesce(users.is_left_out, false)', 'boolean') }} as is_test,
        orders.order_date as order_date,
        orders.currency as currency,
        rates.reporting_currency as reporting_currency,
        rates.rate as fx_rate
    from orders
    left join users on orders.user_id = users.user_id
    left join {{ ref('dim_fx_rate') }} as rates on orders.currency = rates.currency and orders.order_date = rates.rate_date
)

{{ versions_of('order_rows', changed='changed_orders', key='order_id') }}
