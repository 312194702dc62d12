-- Grain: one row per log_id. Written by `tradewind source models` from the source's DDL; change that instead.
{{ config(unique_key=['log_id'], order_by=['log_id']) }}
{{ merge_changes(
    source('bronze', 'inventory_log'),
    key=['log_id'],
    columns={
        'log_id': 'bigint',
        'external_id': 'text',
        'sku_id': 'bigint',
        'warehouse_id': 'bigint',
        'lot_id': 'bigint',
        'movement_type': 'text',
        'quantity_change': 'int',
        'currency': 'text',
        'unit_cost': 'decimal(18,2)',
        'supplier_id': 'bigint',
        'order_item_id': 'bigint',
        'moved_at': 'timestamptz',
        'created_at': 'timestamptz',
    },
    toastable=[
        'external_id',
        'currency',
    ],
) }}
