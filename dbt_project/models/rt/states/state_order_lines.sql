-- Grain: one row per order, in the minute it was placed in, with its lines. Amounts are in the order's currency.
{{ config(
    order_by=['minute', 'order_id'],
    version='version',
    partition_by='toYYYYMM(minute)',
    ttl=minute_ttl(),
    follows='changed_orders',
    contract={'enforced': false},
) }}
{%- set all_orders = all_rows_of('state_orders') %}
{%- set all_items = all_rows_of('state_order_items') %}
with touched as (
    select distinct order_id from {{ all_rows_of('changed_orders') }} where changed in ('order', 'line')
),

truncates as (
    select {{ truncated_at(all_items, 'order_id') }} as position
),

all_touched_orders as (
    select minute, order_id, subtotal_amount, position, is_gone
    from {{ all_orders }}
    where order_id in (select order_id from touched)
    order by position desc
    limit 1 by minute, order_id
),

orders as (
    select minute, order_id, subtotal_amount, position from all_touched_orders where not is_gone
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
    from {{ all_items }}
    where order_id in (select order_id from touched)
    order by position desc
    limit 1 by order_id, order_item_id
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
from touched
inner join orders on touched.order_id = orders.order_id
left join items on orders.order_id = items.order_id
group by minute, order_id
