-- Grain: one row per currency and day, from the currency's first rate on. A rate is not additive.
with rates as (
    select currency, rate_date, reporting_currency, rate
    from {{ current_rows(ref('ods_fx_rates')) }}
),

currencies as (
    select currency, max(reporting_currency) as reporting_currency, min(rate_date) as first_rate_date
    from rates
    group by currency
),

days as (
    select
        currencies.currency as currency,
        dim_date.calendar_date as rate_date,
        currencies.reporting_currency as reporting_currency
    from {{ ref('dim_date') }} as dim_date
    cross join currencies
    where dim_date.calendar_date >= currencies.first_rate_date
    union distinct
    select currency, rate_date, reporting_currency
    from rates
),

filled as (
    select
        days.currency as currency,
        days.rate_date as rate_date,
        days.reporting_currency as reporting_currency,
        {{ arg_max(
            'rates.rate', 'rates.rate_date',
            'partition by days.currency order by days.rate_date rows between unbounded preceding and current row'
        ) }} as rate,
        rates.rate_date is null as is_carried_forward
    from days
    left join rates on days.currency = rates.currency and days.rate_date = rates.rate_date
)

select
    {{ not_null('currency') }} as currency,
    {{ not_null('rate_date') }} as rate_date,
    reporting_currency,
    rate,
    {{ as_type('is_carried_forward', 'boolean') }} as is_carried_forward
from filled
