-- Grain: one row per order, in the minute it was placed in. Amounts are additive.
with orders as (
    select
        minute,
        order_id,
        user_id,
        channel,
        ship_to_city,
        status,
        is_test,
        ordered_at,
        paid_at,
        currency,
        subtotal_amount,
        total_amount,
        {{ day_of('ordered_at') }} as order_date
    from {{ ref('state_orders') }}
),

lines as (
    select minute, order_id, subtotal_amount, tupleElement(lines, 'line_amount') as line_amounts
    from {{ ref('state_order_lines') }}
),

valued as (
    select
        orders.minute as minute,
        orders.order_id as order_id,
        orders.user_id as user_id,
        orders.channel as channel,
        orders.ship_to_city as ship_to_city,
        orders.status as status,
        orders.is_test as is_test,
        orders.ordered_at as ordered_at,
        {{ counts_towards_gmv('orders') }} as is_gmv,
        orders.total_amount as total_amount,
        -- Until the lines are known (seconds), the order is converted as a whole: right but for the rounding of lines.
        if(lines.subtotal_amount = orders.subtotal_amount, lines.line_amounts, [orders.subtotal_amount]) as line_amounts,
        {{ exchange_rate('orders.currency', 'orders.order_date') }} as rate
    from orders
    left join lines on orders.minute = lines.minute and orders.order_id = lines.order_id
)

select
    minute,
    order_id,
    ordered_at,
    user_id,
    if(ship_to_city = '', '(unknown)', cast(ship_to_city as String)) as city,
    cast(channel as String) as channel,
    cast(status as String) as status,
    is_test,
    cast(is_gmv as Bool) as is_gmv,
    cast(status = 'cancelled' as Bool) as is_cancelled,
    {{ not_null('if(is_gmv, arraySum(amount -> ' ~ not_null(money_times('amount', 'rate')) ~ ', line_amounts), 0)', 'decimal(18,2)') }} as gmv,
    {{ not_null(money_times('total_amount', 'rate'), 'decimal(18,2)') }} as total_amount
from valued
