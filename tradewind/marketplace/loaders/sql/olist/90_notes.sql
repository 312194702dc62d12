-- Values within loaded rows that the files do not state as such: table, rows, how.
select 'orders', count(*), 'without items in the files: their amounts are 0'
from order_amounts
where subtotal_amount = 0 and shipping_amount = 0
