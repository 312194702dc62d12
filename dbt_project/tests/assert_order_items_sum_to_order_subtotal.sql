-- Every order's subtotal is the sum of its lines' values. Orders that changed just before the run's start are left out,
-- since some of their lines may not have arrived yet.
with lines as (
    select order_id, sum(line_amount) as line_amount
    from {{ current_rows(ref('fact_order_items')) }}
    group by order_id
)

select
    orders.order_id as order_id,
    orders.subtotal_amount as subtotal_amount,
    lines.line_amount as line_amount
from {{ included_rows(ref('ods_orders'), 'order_id') }} as orders
left join lines on orders.order_id = lines.order_id
where
    orders.subtotal_amount <> coalesce(lines.line_amount, 0)
    and orders._changed_at < {{ run_started() }} - interval {{ var('settling_seconds') }} second
