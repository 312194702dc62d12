-- Grain: one row per return, in the minute it was requested in.
{{ config(order_by=['minute', 'return_id'], partition_by='toYYYYMM(minute)', ttl=minute_ttl(), indexes=['arrived_at minmax']) }}
{{ state_changes(
    source('bronze', 'order_returns'),
    key={'return_id': 'bigint'},
    at=['requested_at'],
    columns={'order_id': 'bigint', 'requested_at': 'timestamptz'},
) }}
