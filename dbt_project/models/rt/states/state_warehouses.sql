-- Grain: one row per warehouse.
{{ config(order_by=['warehouse_id']) }}
{{ state_changes(
    source('bronze', 'warehouses'),
    key={'warehouse_id': 'bigint'},
    columns={'warehouse_name': 'text', 'city': 'text'},
) }}
