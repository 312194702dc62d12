-- Grain: one row per currency and day with a rate of its own. A rate is not additive.
{{ config(order_by=['currency', 'rate_date']) }}
{{ state_changes(
    source('bronze', 'fx_rates'),
    key={'currency': 'text', 'rate_date': 'date'},
    columns={'reporting_currency': 'code', 'rate': 'decimal(18,8)'},
) }}
