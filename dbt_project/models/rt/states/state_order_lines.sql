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
with truncated as (
    select
        coalesce(max(position), toUInt128(0)) as truncated_at,
        coalesce(max(arrived_at) >= {{ last_refresh() }}, false) as is_new
    from {{ all_items }}
    where order_id = {{ truncate_place('bigint') }}
),

touched as (
    select order_id from {{ all_items }} where arrived_at >= {{ last_refresh() }} or (select is_new from truncated)
    union distinct
    select order_id from {{ all_orders }} where arrived_at >= {{ last_refresh() }}
),

orders as (
    select minute, order_id, subtotal_amount, position
    from {{ all_orders }} final
    where not is_gone and order_id in (select order_id from touched)
),

items as (
    select
        order_id,
        position,
        not is_gone and position > (select truncated_at from truncated) as is_there,
        cast(
            tuple(order_item_id, product_id, quantity, {{ not_null(money_times('unit_price', 'quantity')) }})
            as Tuple(order_item_id Int64, product_id Int64, quantity Int32, line_amount Decimal(18, 2))
        ) as line
    from {{ all_items }} final
    where order_id in (select order_id from touched)
)

select
    orders.minute as minute,
    orders.order_id as order_id,
    -- Grows with everything that this row is made of, so that the row which knows more is kept.
    assumeNotNull(
        toUInt256(any(orders.position))
        + coalesce(sum(toUInt256(items.position)), toUInt256(0))
        + toUInt256((select truncated_at from truncated))
    ) as version,
    assumeNotNull(any(orders.subtotal_amount)) as subtotal_amount,
    arraySort(groupArrayIf(items.line, items.is_there)) as lines
from orders
left join items on orders.order_id = items.order_id
group by minute, order_id
