-- Days as times without a zone: where a change of clocks skips midnight, a series of moments would leave it behind.
insert into fx_rates (currency, rate_date, reporting_currency, rate)
select 'BRL', day::date, 'BRL', 1
from generate_series(
    (select min(order_purchase_timestamp)::date::timestamp from staged_olist_orders_dataset),
    (select max(order_purchase_timestamp)::date::timestamp from staged_olist_orders_dataset),
    interval '1 day'
) as day
where not exists (select from fx_rates where reporting_currency <> 'BRL')
on conflict (currency, rate_date) do nothing
