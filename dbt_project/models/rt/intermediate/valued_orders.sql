-- Grain: one row per order, in the minute it was placed in. Amounts are additive.
with orders as (
    select
        minute,
        order_id,
        user_id,
        channel,
        ship_to_city,
        status,
        cast(is_test or {{ is_of_left_out_account('user_id') }} as Bool) as is_test,
        ordered_at,
        paid_at,
        currency,
        subtotal_amount,
        total_amount,
        {{ day_of('ordered_at') }} as order_date
    from {{ state('state_orders') }}
),

lines as (
    select minute, order_id, subtotal_amount, lines
    from {{ state('state_order_lines') }}
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
        orders.subtotal_amount as subtotal_amount,
        -- After an order has come or its subtotal has changed, its lines are known within seconds.
        coalesce(lines.subtotal_amount = orders.subtotal_amount, false) as has_lines,
        lines.lines as lines,
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
    has_lines,
    if(has_lines, lines, []) as lines,
    rate,
    rate > 0 as is_valued,
    -- Line by line, as in the facts; as a whole until the lines are known, which is right but for their rounding.
    {{ not_null(
        'if(is_gmv, arraySum(amount -> ' ~ not_null(money_times('amount', 'rate')) ~ ', '
        ~ "if(has_lines, tupleElement(lines, 'line_amount'), [subtotal_amount])), 0)", 'decimal(18,2)'
    ) }} as gmv,
    {{ money_times('total_amount', 'nullIf(rate, 0)') }} as total_amount
from valued
