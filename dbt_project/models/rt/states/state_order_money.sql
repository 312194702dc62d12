-- Grain: one row per payment and per refund, in its minute, with what its order says of it. Amounts are in the order's
-- currency.
{{ config(
    order_by=['minute', 'movement', 'movement_id'],
    version='version',
    partition_by='toYYYYMM(minute)',
    ttl=minute_ttl(),
    follows='changed_orders',
    contract={'enforced': false},
) }}
{%- set all_orders = all_rows_of('state_orders') %}
with touched as (
    select order_id, changed, minute, changed_id from {{ all_rows_of('changed_orders') }} where changed != 'line'
),

payments as (
    {{ order_money('payment', all_rows_of('state_payments'), 'payment_id', 'amount') }}
),

refunds as (
    {{ order_money('refund', all_rows_of('state_refunds'), 'return_id', 'refund_amount') }}
),

movements as (
    select * from payments
    union all
    select * from refunds
),

orders as (
    select
        order_id,
        max(position) as order_position,
        {{ truncated_at(all_orders, 'minute') }} as order_truncated_at,
        -- Of an order that has left a minute there are two rows of one position: one there, one gone.
        argMax(tuple(not is_gone, is_test, ordered_at, currency, user_id), tuple(position, not is_gone)) as latest
    from {{ all_orders }}
    where minute > toDateTime(0, 'UTC') and order_id in (select order_id from movements)
    group by order_id
)

select
    movements.minute as minute,
    movements.movement as movement,
    movements.movement_id as movement_id,
    -- Grows with everything that the row is made of, so that of two rows the one which knows more is kept.
    assumeNotNull(
        toUInt256(movements.position)
        + toUInt256(movements.truncated_at)
        + toUInt256(coalesce(orders.order_position, toUInt128(0)))
        + toUInt256({{ truncated_at(all_orders, 'minute') }})
    ) as version,
    cast(coalesce(
        not movements.is_gone
        and movements.position > movements.truncated_at
        and tupleElement(orders.latest, 1)
        and orders.order_position > orders.order_truncated_at, false
    ) as Bool) as is_there,
    movements.order_id as order_id,
    movements.status as status,
    movements.currency as currency,
    movements.amount as amount,
    coalesce(tupleElement(orders.latest, 2), false) as is_test,
    coalesce(tupleElement(orders.latest, 3), toDateTime64(0, 6, 'UTC')) as ordered_at,
    coalesce(tupleElement(orders.latest, 4), '') as order_currency,
    coalesce(tupleElement(orders.latest, 5), 0) as user_id
-- A view follows the first table that it reads.
from (select count(*) as row_count from touched) as arrived
cross join movements
left join orders on movements.order_id = orders.order_id
