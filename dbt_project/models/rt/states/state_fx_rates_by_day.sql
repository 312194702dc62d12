-- Grain: one row per currency and day that an order may be of: a day without a rate has the latest before it. A rate is
-- not additive. In memory, to be asked by `exchange_rate`.
{{ config(
    materialized='materialized_view',
    engine='Join(ANY, LEFT, currency, rate_date)',
    refreshable={'interval': 'every ' ~ var('rt_refresh_seconds') ~ ' second'},
    catchup=false,
) }}
with rates as (
    select currency, rate_date, reporting_currency, rate
    from {{ ref('state_fx_rates') }}
),

days as (
    select
        currency,
        arrayJoin(arrayMap(
            day -> toDate32(today()) - {{ var('rt_retention_days') }} - 1 + day, range({{ var('rt_retention_days') + 367 }})
        )) as rate_date
    from (
        select currency from rates
        union distinct
        select cast(reporting_currency as String) as currency from rates
    )
)

select
    days.currency as currency,
    days.rate_date as rate_date,
    assumeNotNull(if(days.currency = own.currency, toDecimal64(1, 8), rates.rate)) as rate
from days
cross join (select max(cast(reporting_currency as String)) as currency from rates) as own
asof left join rates on days.currency = rates.currency and days.rate_date >= rates.rate_date
where days.currency = own.currency or rates.rate is not null
