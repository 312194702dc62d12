-- Grain: one row per SKU.
{{ config(order_by=['sku_id']) }}
{{ state_changes(
    source('bronze', 'product_skus'),
    key={'sku_id': 'bigint'},
    columns={'product_id': 'bigint', 'sku_code': 'text'},
) }}
