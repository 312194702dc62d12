with known as (
    select
        currency,
        rate,
        rate_date,
        reporting_currency,
        row_number() over (partition by currency order by rate_date desc) as age
    from fx_rates
    where rate_date <= %(today)s
)

select currency, rate, rate_date, reporting_currency
from known
where age = 1
order by currency
