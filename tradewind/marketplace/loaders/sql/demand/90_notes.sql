-- What a reader of the loaded tables should know: table, rows concerned, what.

select 'inventory_log', count(*), 'are totals of a day: no order, buyer, cost or hour is known (noon UTC stands for it)'
from "staged_store-item-sales"

union all

select 'inventory', count(*), 'hold 0 pieces: receipts are derived from the sales, so none are left over'
from (select distinct store, item from demand_lots) as places
