-- Grain: one row per version of an order that has arrived. Amounts are additive over the orders' newest versions.
{{ config(materialized='view') }}
with orders as (
    select
        *,
        {{ exchange_rate('currency', day_of('ordered_at')) }} as rate
    from {{ all_rows_of('state_orders') }}
    where minute > toDateTime(0, 'UTC')
)

select
    order_id,
    position,
    is_gone,
    user_id,
    ordered_at,
    -- As the offline features have it (tradewind/ml/fraud/tables.py), to the last digit.
    {{ not_null('toFloat64(coalesce(' ~ money_times('total_amount', 'nullIf(rate, 0)') ~ ', total_amount))', 'double') }} as amount,
    {{ not_null('toFloat64(discount_amount) * if(total_amount = 0, 0, amount / toFloat64(total_amount))', 'double') }} as discount,
    cast(ship_to_city as String) as city,
    device_fingerprint as device,
    ip_address as address,
    is_test,
    arrived_at
from orders
