-- Grain: one row per flash sale.
{{ config(order_by=['flash_sale_id']) }}
{{ state_changes(
    source('bronze', 'flash_sales'),
    key={'flash_sale_id': 'bigint'},
    columns={
        'sku_id': 'bigint',
        'sale_price': 'decimal(18,2)',
        'quota': 'int',
        'sold_count': 'int',
        'starts_at': 'timestamptz',
        'ends_at': 'timestamptz',
    },
) }}
