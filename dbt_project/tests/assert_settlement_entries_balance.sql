-- The ledger with sellers balances: in each entry what is due is what was transferred and what is open, and by currency the
-- sales are the lines that were delivered, none lost or counted twice. Nothing is due for a test order.
with entries as (
    select entry_id, order_id, entry_type, currency, status, due_gross, due_amount, transferred_amount, open_amount
    from {{ ref('ads_seller_settlement') }}
),

orders as (
    select order_id, is_test
    from {{ current_rows(ref('ods_orders')) }}
    where is_test or delivered_at is not null
),

delivered as (
    select lines.currency as currency, sum(lines.line_amount - lines.seller_discount_amount) as gross_amount
    from {{ current_rows(ref('fact_order_items')) }} as lines
    inner join orders on lines.order_id = orders.order_id
    where not orders.is_test
    group by lines.currency
),

sales as (
    select currency, sum(due_gross) as gross_amount
    from entries
    where entry_type = 'sale' and status <> 'unexpected'
    group by currency
)

select 'is not what was transferred and is open' as problem, entry_id as place, due_amount - transferred_amount - open_amount as difference
from entries
where due_amount <> transferred_amount + open_amount
union all
select 'is due for a test order' as problem, entries.entry_id as place, entries.due_amount as difference
from entries
inner join orders on entries.order_id = orders.order_id
where orders.is_test and entries.status <> 'unexpected'
union all
select
    'sales are not the delivered lines' as problem,
    coalesce(delivered.currency, sales.currency) as place,
    coalesce(delivered.gross_amount, 0) - coalesce(sales.gross_amount, 0) as difference
from delivered
full outer join sales on delivered.currency = sales.currency
where coalesce(delivered.gross_amount, 0) <> coalesce(sales.gross_amount, 0)
