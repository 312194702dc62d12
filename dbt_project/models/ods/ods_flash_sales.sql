-- Grain: one row per flash_sale_id. Written by `tradewind source models` from the source's DDL; change that instead.
{{ config(unique_key=['flash_sale_id'], order_by=['flash_sale_id']) }}
{{ merge_changes(
    source('bronze', 'flash_sales'),
    key=['flash_sale_id'],
    columns={
        'flash_sale_id': 'bigint',
        'external_id': 'text',
        'sku_id': 'bigint',
        'campaign_id': 'bigint',
        'sale_price': 'decimal(18,2)',
        'quota': 'int',
        'sold_count': 'int',
        'starts_at': 'timestamptz',
        'ends_at': 'timestamptz',
        'created_at': 'timestamptz',
        'updated_at': 'timestamptz',
    },
    toastable=[
        'external_id',
    ],
) }}
