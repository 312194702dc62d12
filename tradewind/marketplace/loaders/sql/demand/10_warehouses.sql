insert into warehouses (external_id, warehouse_name, city, country, time_zone, capacity)
select
    'demand:store:' || store,
    'Demand store ' || store,
    'not stated',
    'ZZ',
    'UTC',
    max(pieces)
from (
    select store, month, sum(pieces) as pieces
    from demand_lots
    group by store, month
) as months
group by store
order by store
on conflict (external_id) do nothing
