-- Grain: one row per product.
{{ config(order_by=['product_id']) }}
{{ state_changes(
    source('bronze', 'products'),
    key={'product_id': 'bigint'},
    columns={'product_name': 'text', 'category_id': 'bigint?', 'currency': 'code'},
) }}
