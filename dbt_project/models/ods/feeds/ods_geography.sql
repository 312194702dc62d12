-- Grain: one row per period_date, region_code. Written by `tradewind feeds models` from connectors/feeds/catalog.py; change that instead.
{{ config(unique_key=['period_date', 'region_code'], order_by=['period_date', 'region_code']) }}
{{ merge_changes(
    source('feeds', 'geography'),
    key=['period_date', 'region_code'],
    columns={
        'period_date': 'date',
        'country': 'text',
        'region_code': 'text',
        'region_name': 'text',
        'main_city': 'text',
        'latitude': 'decimal(9,6)',
        'longitude': 'decimal(9,6)',
        'population_count': 'bigint',
        'urban_rate': 'decimal(5,4)',
        'internet_rate': 'decimal(5,4)',
    },
) }}
