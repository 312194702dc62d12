-- Grain: one row per cart_id, sku_id. Written by `tradewind source models` from the source's DDL; change that instead.
{{ config(unique_key=['cart_id', 'sku_id'], order_by=['cart_id', 'sku_id']) }}
{{ merge_changes(
    source('bronze', 'cart_items'),
    key=['cart_id', 'sku_id'],
    columns={
        'cart_id': 'bigint',
        'sku_id': 'bigint',
        'quantity': 'int',
        'unit_price': 'decimal(18,2)',
        'added_at': 'timestamptz',
        'created_at': 'timestamptz',
        'updated_at': 'timestamptz',
    },
    toastable=[
    ],
) }}
