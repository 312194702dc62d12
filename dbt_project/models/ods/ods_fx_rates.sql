-- Grain: one row per currency, rate_date. Written by `tradewind source models` from the source's DDL; change that instead.
{{ config(unique_key=['currency', 'rate_date'], order_by=['currency', 'rate_date']) }}
{{ merge_changes(
    source('bronze', 'fx_rates'),
    key=['currency', 'rate_date'],
    columns={
        'currency': 'text',
        'rate_date': 'date',
        'reporting_currency': 'text',
        'rate': 'decimal(18,8)',
        'created_at': 'timestamptz',
        'updated_at': 'timestamptz',
    },
    toastable=[
        'reporting_currency',
    ],
) }}
