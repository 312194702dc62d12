-- The ledger with sellers balances: in each entry what is due is what was transferred and what is open, and no order line
-- has more taken back than its sale gave.
with entries as (
    select entry_id, order_item_id, entry_type, status, due_amount, transferred_amount, open_amount
    from {{ ref('ads_seller_settlement') }}
),

unbalanced as (
    select entry_id, due_amount - transferred_amount - open_amount as difference
    from entries
    where due_amount <> transferred_amount + open_amount
),

delivered_lines as (
    select order_item_id, sum(due_amount) as kept_amount
    from entries
    where order_item_id in (select order_item_id from entries where entry_type = 'sale')
    group by order_item_id
)

select entry_id, difference
from unbalanced
union all
select concat('line ', {{ as_type('order_item_id', 'text') }}) as entry_id, kept_amount as difference
from delivered_lines
where kept_amount < 0
