-- Grain: one row per currency and day of the calendar, from the currency's first rate on; the reporting currency has a
-- rate of 1 on every day. A rate is not additive.
with source_rates as (
    select currency, rate_date, reporting_currency, rate
    from {{ current_rows(ref('ods_fx_rates')) }}
),

order_currencies as (
    select distinct currency
    from {{ current_rows(ref('ods_orders')) }}
),

reporting as (
    select
        coalesce(
            (select max(reporting_currency) from source_rates),
            {{ as_type("nullif('" ~ var('reporting_currency') ~ "', '')", 'text') }},
            (select case when count(*) = 1 then max(currency) end from order_currencies)
        ) as reporting_currency
),

rates as (
    select
        source_rates.currency as currency,
        source_rates.rate_date as rate_date,
        source_rates.rate as rate
    from source_rates
    inner join reporting on source_rates.reporting_currency = reporting.reporting_currency
    where source_rates.currency <> source_rates.reporting_currency
),

currencies as (
    select currency, min(rate_date) as first_rate_date
    from rates
    group by currency
),

days as (
    select currencies.currency as currency, dim_date.calendar_date as rate_date
    from {{ ref('dim_date') }} as dim_date
    cross join currencies
    where dim_date.calendar_date >= currencies.first_rate_date
),

filled as (
    select
        days.currency as currency,
        days.rate_date as rate_date,
        {{ arg_max(
            'rates.rate', 'rates.rate_date',
            'partition by days.currency order by days.rate_date rows between unbounded preceding and current row'
        ) }} as rate,
        rates.rate_date is null as is_carried_forward
    from days
    left join rates on days.currency = rates.currency and days.rate_date = rates.rate_date
    union all
    select
        reporting.reporting_currency as currency,
        dim_date.calendar_date as rate_date,
        {{ as_type("'1'", 'decimal(18,8)') }} as rate,
        false as is_carried_forward
    from {{ ref('dim_date') }} as dim_date
    cross join reporting
    where reporting.reporting_currency is not null
)

select
    {{ not_null('filled.currency') }} as currency,
    {{ not_null('filled.rate_date') }} as rate_date,
    reporting.reporting_currency as reporting_currency,
    filled.rate as rate,
    {{ as_type('filled.is_carried_forward', 'boolean') }} as is_carried_forward
from filled
cross join reporting
