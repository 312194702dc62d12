-- Grain: one row per order and currency in which the order, a payment or a return of it is. A rate is not additive.
-- Computed in every run: orders of several currencies, since a payment or return can move to another order and leave its
-- currency behind; and orders without a rate into the present reporting currency.
{{ config(unique_key=['order_id', 'currency'], order_by=['order_id', 'currency']) }}
{% set changed_rates = changed_rows(ref('ods_fx_rates')) ~ ' as changed' %}
with
{{ changed_keys('changed_orders', [
    keys_in(ref('ods_orders'), 'order_id'),
    keys_in(ref('ods_payments'), 'order_id'),
    keys_in(ref('ods_order_returns'), 'order_id'),
    keys_where('currency in (select currency from ' ~ changed_rates ~ ') '
        ~ 'and order_date >= (select min(rate_date) from ' ~ changed_rates ~ ')', 'order_id'),
    keys_where('currency <> order_currency', 'order_id'),
    keys_where("coalesce(reporting_currency, '') <> coalesce((select max(reporting_currency) from " ~ ref('dim_fx_rate') ~ "), '')", 'order_id'),
]) }}
orders as (
    select order_id, currency, {{ day_of('ordered_at') }} as order_date
    from {{ current_rows(ref('ods_orders')) }}
    {{ where_changed('changed_orders', 'order_id') }}
),

currencies as (
    select order_id, currency
    from orders
    union distinct
    select order_id, currency
    from {{ current_rows(ref('ods_payments')) }}
    {{ where_changed('changed_orders', 'order_id') }}
    union distinct
    select order_id, currency
    from {{ current_rows(ref('ods_order_returns')) }}
    {{ where_changed('changed_orders', 'order_id') }}
),

order_rates as (
    select
        {{ not_null('orders.order_id') }} as order_id,
        {{ not_null('currencies.currency') }} as currency,
        orders.currency as order_currency,
        orders.order_date as order_date,
        rates.reporting_currency as reporting_currency,
        rates.rate as fx_rate
    from orders
    inner join currencies on orders.order_id = currencies.order_id and currencies.currency is not null
    left join {{ ref('dim_fx_rate') }} as rates
        on currencies.currency = rates.currency and orders.order_date = rates.rate_date
)

{{ versions_of('order_rates', changed='changed_orders', key='order_id') }}
