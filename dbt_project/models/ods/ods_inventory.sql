-- Grain: one row per sku_id, warehouse_id. Written by `tradewind source models` from the source's DDL; change that instead.
{{ config(unique_key=['sku_id', 'warehouse_id'], order_by=['sku_id', 'warehouse_id']) }}
{{ merge_changes(
    source('bronze', 'inventory'),
    key=['sku_id', 'warehouse_id'],
    columns={
        'sku_id': 'bigint',
        'warehouse_id': 'bigint',
        'quantity': 'int',
        'reorder_point': 'int',
        'safety_stock': 'int',
        'created_at': 'timestamptz',
        'updated_at': 'timestamptz',
    },
    toastable=[
    ],
) }}
