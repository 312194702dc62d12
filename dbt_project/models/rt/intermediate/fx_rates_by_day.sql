-- Grain: one row per currency and day that an order may be of: a day without a rate has the latest before it. A rate is
-- not additive. In memory, to be asked by `exchange_rate`.
{{ config(
    materialized='materialized_view',
    order_by='(currency, rate_date)',
    refreshable={'interval': 'every ' ~ var('rt_catalogue_refresh_seconds') ~ ' second'},
    catchup=false,
) }}
with source_rates as (
    select currency, rate_date, cast(reporting_currency as String) as reporting_currency, rate
    from {{ ref('state_fx_rates') }}
),

-- As in dim_fx_rate: what the rates say, else the variable, else the one currency that all orders are in.
reporting as (
    select
        coalesce(
            (select max(reporting_currency) from source_rates),
            nullIf('{{ var('reporting_currency') }}', ''),
            (select if(uniqExact(currency) = 1, cast(any(currency) as Nullable(String)), null) from {{ ref('state_orders') }})
        ) as currency
),

rates as (
    select source_rates.currency as currency, source_rates.rate_date as rate_date, source_rates.rate as rate
    from source_rates
    where
        source_rates.reporting_currency = (select currency from reporting)
        and source_rates.currency != source_rates.reporting_currency
    union all
    select assumeNotNull(currency) as currency, toDate32('1970-01-01') as rate_date, toDecimal64(1, 8) as rate
    from reporting
    where currency is not null
),

days as (
    select
        currency,
        arrayJoin(arrayMap(
            day -> toDate32(today()) - {{ var('rt_retention_days') }} - 1 + day, range({{ var('rt_retention_days') + 732 }})
        )) as rate_date
    from (select distinct currency from rates) as quoted
)

select
    days.currency as currency,
    days.rate_date as rate_date,
    assumeNotNull(rates.rate) as rate
from days
asof left join rates on days.currency = rates.currency and days.rate_date >= rates.rate_date
where rates.rate is not null
