-- Grain: one row per warehouse_id. Written by `tradewind source models` from the source's DDL; change that instead.
{{ config(unique_key=['warehouse_id'], order_by=['warehouse_id']) }}
{{ merge_changes(
    source('bronze', 'warehouses'),
    key=['warehouse_id'],
    columns={
        'warehouse_id': 'bigint',
        'external_id': 'text',
        'warehouse_name': 'text',
        'city': 'text',
        'state': 'text',
        'country': 'text',
        'postal_code': 'text',
        'time_zone': 'text',
        'capacity': 'bigint',
        'is_active': 'boolean',
        'created_at': 'timestamptz',
        'updated_at': 'timestamptz',
    },
    toastable=[
        'external_id',
        'warehouse_name',
        'city',
        'state',
        'country',
        'postal_code',
        'time_zone',
    ],
) }}
