-- Grain: one row per sku_id, valid_from. Written by `tradewind source models` from the source's DDL; change that instead.
{{ config(unique_key=['sku_id', 'valid_from'], order_by=['sku_id', 'valid_from']) }}
{{ merge_changes(
    source('bronze', 'sku_price_history'),
    key=['sku_id', 'valid_from'],
    columns={
        'sku_id': 'bigint',
        'valid_from': 'timestamptz',
        'price': 'decimal(18,2)',
        'cost': 'decimal(18,2)',
        'created_at': 'timestamptz',
    },
    toastable=[
    ],
) }}
