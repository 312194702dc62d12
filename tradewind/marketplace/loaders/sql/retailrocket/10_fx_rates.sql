insert into fx_rates (currency, rate_date, reporting_currency, rate)
select 'USD', day::date, 'USD', 1
from generate_series(
    (select min(ended_at)::date from retailrocket_visits where has_purchase),
    (select max(ended_at)::date from retailrocket_visits where has_purchase),
    interval '1 day'
) as day
where not exists (select from fx_rates where reporting_currency <> 'USD')
on conflict (currency, rate_date) do nothing
