-- Grain: one row per order line.
{{ config(order_by=['order_id', 'order_item_id'], ttl=arrival_ttl(), indexes=['arrived_at minmax']) }}
{{ state_changes(
    source('bronze', 'order_items'),
    key={'order_id': 'bigint', 'order_item_id': 'bigint'},
    columns={
        'product_id': 'bigint',
        'sku_id': 'bigint',
        'quantity': 'int',
        'unit_price': 'decimal(18,2)',
    },
) }}
