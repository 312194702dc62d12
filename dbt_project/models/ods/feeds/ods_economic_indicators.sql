-- Grain: one row per period_date, country. Written by `tradewind feeds models` from connectors/feeds/catalog.py; change that instead.
{{ config(unique_key=['period_date', 'country'], order_by=['period_date', 'country']) }}
{{ merge_changes(
    source('feeds', 'economic_indicators'),
    key=['period_date', 'country'],
    columns={
        'period_date': 'date',
        'country': 'text',
        'currency': 'text',
        'gdp_amount': 'decimal(18,2)',
        'gdp_growth_rate': 'decimal(6,4)',
        'unemployment_rate': 'decimal(5,4)',
        'consumer_confidence_index': 'decimal(5,2)',
    },
) }}
