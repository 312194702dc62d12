-- No line of a known order is lost or counted twice between the source and the fact; ods_order_items_references_exist
-- reports lines whose order has not arrived.
with source_lines as (
    select count(*) as line_count, sum(quantity * unit_price) as line_amount
    from {{ included_rows(ref('ods_order_items'), 'order_item_id') }} as included
    where order_id in (select order_id from {{ current_rows(ref('ods_orders')) }})
),

fact_lines as (
    select count(*) as line_count, sum(line_amount) as line_amount
    from {{ current_rows(ref('fact_order_items')) }}
)

select
    source_lines.line_count as source_line_count,
    fact_lines.line_count as fact_line_count,
    source_lines.line_amount as source_line_amount,
    fact_lines.line_amount as fact_line_amount
from source_lines
cross join fact_lines
where
    source_lines.line_count <> fact_lines.line_count
    or coalesce(source_lines.line_amount, 0) <> coalesce(fact_lines.line_amount, 0)
