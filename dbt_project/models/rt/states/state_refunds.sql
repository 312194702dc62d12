-- Grain: one row per return that was refunded, in the minute of the refund.
{{ config(order_by=['minute', 'return_id'], partition_by='toYYYYMM(minute)', ttl=minute_ttl(), indexes=['arrived_at minmax', 'order_id minmax']) }}
{{ state_changes(
    source('bronze', 'order_returns'),
    key={'return_id': 'bigint'},
    at=['refunded_at'],
    columns={
        'order_id': 'bigint',
        'status': 'code',
        'currency': 'code',
        'refund_amount': 'decimal(18,2)',
    },
) }}
