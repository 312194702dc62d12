-- Grain: one row per order, in the minute it was placed in, with its lines. Amounts are in the order's currency.
{{ config(
    order_by=['minute', 'order_id'],
    version='version',
    partition_by='toYYYYMM(minute)',
    ttl=minute_ttl(),
    refresh_seconds=var('rt_refresh_seconds'),
    contract={'enforced': false},
) }}
{%- set all_orders = all_rows_of('state_orders') %}
{%- set all_items = all_rows_of('state_order_items') %}
with {{ last_refresh() }} as last_refresh,

truncates as (
    select {{ truncated_at(all_items, 'order_id') }} as position
),

touched as (
    select order_id from {{ all_items }} where {{ arrived_since_refresh(all_items, 'order_id') }}
    union distinct
    select order_id from {{ all_orders }} where {{ arrived_since_refresh(all_orders, 'minute') }}
),

orders as (
    select minute, order_id, subtotal_amount, position
    from {{ all_orders }} final
    where not is_gone and {{ only('order_id in (select order_id from touched)') }}
),

items as (
    select
        order_id,
        position,
        not is_gone and position > (select position from truncates) as is_there,
        cast(
            tuple(order_item_id, product_id, quantity, {{ not_null(money_times('unit_price', 'quantity')) }})
            as Tuple(order_item_id Int64, product_id Int64, quantity Int32, line_amount Decimal(18, 2))
        ) as line
    from {{ all_items }} final
    where {{ only('order_id in (select order_id from touched)') }}
)

select
    orders.minute as minute,
    orders.order_id as order_id,
    -- Grows with everything that the row is made of, so that of two rows the one which knows more is kept.
    assumeNotNull(
        toUInt256(any(orders.position))
        + coalesce(sum(toUInt256(items.position)), toUInt256(0))
        + toUInt256((select position from truncates))
    ) as version,
    assumeNotNull(any(orders.subtotal_amount)) as subtotal_amount,
    arraySort(groupArrayIf(items.line, items.is_there)) as lines
from orders
left join items on orders.order_id = items.order_id
group by minute, order_id
