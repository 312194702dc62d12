-- Grain: one row per sku_id. Written by `tradewind source models` from the source's DDL; change that instead.
{{ config(unique_key=['sku_id'], order_by=['sku_id']) }}
{{ merge_changes(
    source('bronze', 'product_skus'),
    key=['sku_id'],
    columns={
        'sku_id': 'bigint',
        'external_id': 'text',
        'product_id': 'bigint',
        'sku_code': 'text',
        'attributes': 'json',
        'price': 'decimal(18,2)',
        'cost': 'decimal(18,2)',
        'stock': 'int',
        'status': 'text',
        'created_at': 'timestamptz',
        'updated_at': 'timestamptz',
    },
    toastable=[
        'external_id',
        'sku_code',
        'attributes',
    ],
) }}
