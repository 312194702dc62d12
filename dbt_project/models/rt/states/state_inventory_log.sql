-- Grain: one row per movement of stock, in the minute it happened in.
{{ config(order_by=['minute', 'log_id'], partition_by='toYYYYMM(minute)', ttl=minute_ttl()) }}
{{ state_changes(
    source('bronze', 'inventory_log'),
    key={'log_id': 'bigint'},
    at=['moved_at'],
    columns={
        'sku_id': 'bigint',
        'warehouse_id': 'bigint',
        'movement_type': 'code',
        'quantity_change': 'int',
        'moved_at': 'timestamptz',
    },
) }}
