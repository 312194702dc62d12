-- The facts hold exactly the source's orders, with the source's totals.
select
    coalesce(orders.order_id, facts.order_id) as order_id,
    orders.total_amount as source_amount,
    facts.total_amount as fact_amount
from {{ current_rows(ref('ods_orders')) }} as orders
full outer join {{ current_rows(ref('fact_orders')) }} as facts on orders.order_id = facts.order_id
where orders.order_id is null or facts.order_id is null or orders.total_amount <> facts.total_amount
