-- Grain: one row per order_item_id. Written by `tradewind source models` from the source's DDL; change that instead.
{{ config(unique_key=['order_item_id'], order_by=['order_item_id']) }}
{{ merge_changes(
    source('bronze', 'order_items'),
    key=['order_item_id'],
    columns={
        'order_item_id': 'bigint',
        'order_id': 'bigint',
        'line_number': 'int',
        'sku_id': 'bigint',
        'product_id': 'bigint',
        'seller_id': 'bigint',
        'flash_sale_id': 'bigint',
        'quantity': 'int',
        'unit_price': 'decimal(18,2)',
        'unit_cost': 'decimal(18,2)',
        'discount_amount': 'decimal(18,2)',
        'shipping_amount': 'decimal(18,2)',
        'tax_amount': 'decimal(18,2)',
        'ship_by_at': 'timestamptz',
        'created_at': 'timestamptz',
        'updated_at': 'timestamptz',
    },
    toastable=[
    ],
) }}
