-- Grain: one row per SKU and warehouse.
{{ config(order_by=['sku_id', 'warehouse_id']) }}
{{ state_changes(
    source('bronze', 'inventory'),
    key={'sku_id': 'bigint', 'warehouse_id': 'bigint'},
    columns={'quantity': 'int', 'reorder_point': 'int', 'safety_stock': 'int'},
) }}
