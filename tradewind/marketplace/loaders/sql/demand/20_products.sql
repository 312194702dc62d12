insert into products (external_id, product_name, currency, min_price, listed_at)
select
    'demand:item:' || item,
    'Demand item ' || item,
    'USD',
    item + 0.99,
    min(first_sold_on)
from demand_lots
group by item
order by item
on conflict (external_id) do nothing
