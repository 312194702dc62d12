-- What must have been received so that it could be sold: one lot per item, store and month.

create temporary table demand_lots on commit drop as
select
    format('demand:receipt:%s/%s/%s', store, item, to_char(date_trunc('month', date), 'YYYY-MM')) as external_id,
    store,
    item,
    date_trunc('month', date)::date as month,
    min(date) as first_sold_on,
    sum(sales)::integer as pieces
from "staged_store-item-sales"
group by store, item, date_trunc('month', date);

create unique index on demand_lots (store, item, month);
analyze demand_lots;
