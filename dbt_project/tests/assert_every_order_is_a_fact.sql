-- The facts hold exactly the source's orders, with the source's totals, but for excluded ones.
select
    coalesce(orders.order_id, facts.order_id) as order_id,
    orders.total_amount as source_amount,
    facts.total_amount as fact_amount
from {{ included_rows(ref('ods_orders'), 'order_id') }} as orders
full outer join {{ current_rows(ref('fact_orders')) }} as facts on orders.order_id = facts.order_id
where orders.order_id is null or facts.order_id is null or orders.total_amount <> facts.total_amount
